#!/usr/bin/env python3
"""Training throughput of Recto and PyTorch on the same shapes, machine and run.

    python3 -m venv .venv && .venv/bin/pip install torch
    .venv/bin/python compare.py [--rounds 3] [--steps 8] [--json FILE]

One step is forward, backward, gradient clipping and AdamW in float32 on a fixed batch of random
tokens. The model is Llama's architecture with query/key norm, rotary positions and SwiGLU; PyTorch
runs it eager and compiled with its fused AdamW and its own attention kernel, on one and two threads.
The contestants run in turn, A B C A B C, so that a noisy machine disturbs all of them alike.
The table gives tokens a second (minimum, median, maximum over all timed steps) and Recto's median
over the best PyTorch median.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

SHAPES = {
    "d128 L4 H2 V1024 B32 T128": dict(d=128, f=384, layers=4, heads=2, vocab=1024, rows=32, length=128),
    "d128 L4 H2 V1024 B32 T256": dict(d=128, f=384, layers=4, heads=2, vocab=1024, rows=32, length=256),
    "d256 L6 H4 V1024 B16 T512": dict(d=256, f=768, layers=6, heads=4, vocab=1024, rows=16, length=512),
}


def torch_worker(shape, threads, compiled, steps):
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    d, heads = shape["d"], shape["heads"]
    size = d // heads

    class RMSNorm(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(width))

        def forward(self, x):
            return F.rms_norm(x, (x.shape[-1],), self.weight, 1e-6)

    class Layer(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm1, self.norm2 = RMSNorm(d), RMSNorm(d)
            self.q_norm, self.k_norm = RMSNorm(size), RMSNorm(size)
            self.qkv = nn.Linear(d, 3 * d, bias=False)
            self.out = nn.Linear(d, d, bias=False)
            self.gate_up = nn.Linear(d, 2 * shape["f"], bias=False)
            self.down = nn.Linear(shape["f"], d, bias=False)

        def forward(self, x, cos, sin):
            b, t, _ = x.shape
            q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, heads, size).permute(2, 0, 3, 1, 4)

            def rotate(y):
                first, second = y.chunk(2, -1)
                return y * cos + torch.cat((-second, first), -1) * sin

            q, k = rotate(self.q_norm(q)), rotate(self.k_norm(k))
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out(mixed.transpose(1, 2).reshape(b, t, d))
            gate, up = self.gate_up(self.norm2(x)).chunk(2, -1)
            return x + self.down(F.silu(gate) * up)

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(shape["vocab"], d)
            self.layers = nn.ModuleList(Layer() for _ in range(shape["layers"]))
            self.norm = RMSNorm(d)
            self.head = nn.Linear(d, shape["vocab"], bias=False)
            angle = torch.outer(
                torch.arange(shape["length"]).float(),
                10000.0 ** (-torch.arange(0, size, 2).float() / size),
            )
            self.register_buffer("cos", torch.cat((angle, angle), -1).cos())
            self.register_buffer("sin", torch.cat((angle, angle), -1).sin())

        def forward(self, tokens, targets):
            x = self.embedding(tokens)
            for layer in self.layers:
                x = layer(x, self.cos, self.sin)
            return F.cross_entropy(self.head(self.norm(x)).flatten(0, 1), targets.flatten())

    model = Model()
    run = torch.compile(model) if compiled else model
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.0, fused=True
    )
    rows = torch.randint(0, shape["vocab"], (shape["rows"], shape["length"] + 1))
    tokens, targets = rows[:, :-1].contiguous(), rows[:, 1:].contiguous()
    seconds = []
    for step in range(steps + 2):
        start = time.perf_counter()
        loss = run(tokens, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if step >= 2:
            seconds.append(time.perf_counter() - start)
    return {
        "seconds": seconds,
        "parameters": sum(p.numel() for p in model.parameters()),
        "version": torch.__version__,
    }


def run_recto(binary, shape, workers, steps):
    arguments = [shape[k] for k in ("d", "f", "layers", "heads", "vocab", "rows", "length")]
    output = subprocess.run(
        [binary, *map(str, arguments), str(workers), str(steps)],
        check=True, capture_output=True, text=True,
    ).stdout
    return json.loads(output)


def run_torch(shape, threads, compiled, steps):
    output = subprocess.run(
        [sys.executable, __file__, "--worker", json.dumps([shape, threads, compiled, steps])],
        check=True, capture_output=True, text=True,
        env={**os.environ, "OMP_NUM_THREADS": str(threads)},
    ).stdout
    return json.loads(output.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=8, help="timed steps in each round")
    parser.add_argument("--shape", action="append", choices=SHAPES, help="only this shape")
    parser.add_argument("--json", help="write all timings here")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        print(json.dumps(torch_worker(*json.loads(options.worker))))
        return

    here = os.path.dirname(os.path.abspath(__file__))
    subprocess.run(["swift", "build", "--package-path", here, "--product", "training-step"], check=True)
    binary = os.path.join(here, ".build", "debug", "training-step")
    contestants = {
        "Recto, 1 worker": lambda s: run_recto(binary, s, 1, options.steps),
        "Recto, 2 workers": lambda s: run_recto(binary, s, 2, options.steps),
        "PyTorch eager, 1 thread": lambda s: run_torch(s, 1, False, options.steps),
        "PyTorch eager, 2 threads": lambda s: run_torch(s, 2, False, options.steps),
        "PyTorch compiled, 1 thread": lambda s: run_torch(s, 1, True, options.steps),
        "PyTorch compiled, 2 threads": lambda s: run_torch(s, 2, True, options.steps),
    }
    report = {}
    for name in options.shape or SHAPES:
        shape = SHAPES[name]
        tokens = shape["rows"] * shape["length"]
        results = {c: {"tokens_per_second": []} for c in contestants}
        for round_number in range(options.rounds):
            for contestant, run in contestants.items():
                print(f"{name}, round {round_number + 1}: {contestant}", file=sys.stderr)
                result = run(shape)
                results[contestant]["tokens_per_second"] += [tokens / s for s in result["seconds"]]
                results[contestant]["parameters"] = result["parameters"]
                median = statistics.median(tokens / s for s in result["seconds"])
                print(f"  {median:.0f} tokens/s", file=sys.stderr)
        medians = {c: statistics.median(r["tokens_per_second"]) for c, r in results.items()}
        print(f"\n{name} ({results['Recto, 2 workers']['parameters']} parameters)\n")
        print("| | tokens/s: minimum | median | maximum |\n| --- | ---: | ---: | ---: |")
        for contestant, result in results.items():
            values = result["tokens_per_second"]
            print(f"| {contestant} | {min(values):.0f} | {medians[contestant]:.0f} | {max(values):.0f} |")
        eager = max(m for c, m in medians.items() if "eager" in c)
        compiled = max(m for c, m in medians.items() if "compiled" in c)
        recto = max(m for c, m in medians.items() if "Recto" in c)
        print(f"\nRecto ÷ best eager {recto / eager:.2f}, ÷ best compiled {recto / compiled:.2f}, "
              f"two workers ÷ one {medians['Recto, 2 workers'] / medians['Recto, 1 worker']:.2f}")
        report[name] = results
    if options.json:
        with open(options.json, "w") as file:
            json.dump(report, file, indent=1)


if __name__ == "__main__":
    main()
