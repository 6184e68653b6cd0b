#!/usr/bin/env python3
"""Recto and PyTorch on the same work, machine and run.

    python3 compare.py [--rounds 3] [--only train] [--json FILE]

Makes a virtual environment with PyTorch and transformers where there is none, builds Recto's timings, and
runs the contestants in turn, A B C A B C, so that a noisy machine disturbs all of them alike: Recto with
one and two workers, PyTorch eager and compiled with one and two threads, its fused AdamW and its own
attention kernel. Prints tables in Markdown: for each contestant the minimum, median and maximum over all
repetitions, and Recto's best median over PyTorch's.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = os.path.join(HERE, ".venv", "bin", "python")
PACKAGES = ["torch", "numpy", "transformers", "peft"]
MODEL = os.path.join(HERE, "..", "models", "recto")

D128 = dict(d=128, f=384, layers=4, heads=2, vocab=1024, rows=32, length=256)
D256 = dict(d=256, f=768, layers=6, heads=4, vocab=1024, rows=16, length=512)
# SmolLM2-135M's shape, tied, with random weights.
SMOL = dict(
    d=576, f=1536, layers=30, heads=9, key_value_heads=3, vocab=49152, rows=4, length=256, family="llama")

# Name, workload, shape, what PyTorch runs instead where it has another way, repetitions.
WORKLOADS = {
    "train d128": dict(workload="train", shape=D128, repetitions=8),
    "train d256": dict(workload="train", shape=D256, repetitions=3),
    "evaluate d128": dict(workload="evaluate", shape=D128, repetitions=8),
    "evaluate d256": dict(workload="evaluate", shape=D256, repetitions=4),
    "AdamW d256": dict(workload="adamw", shape=D256, repetitions=50),
    "Muon and AdamW d256": dict(workload="muon", shape=D256, repetitions=10),
    "Muon and AdamW d256, PyTorch's in single precision": dict(
        workload="muon", shape=D256, repetitions=10, pytorch="muon, single"),
    "score d128": dict(workload="score", shape=D128, repetitions=5),
    "score d256": dict(workload="score", shape=D256, repetitions=5),
    "score d128, prompt run again": dict(
        workload="score", shape=D128, repetitions=2, pytorch="score again"),
    "fine-tune 135M": dict(workload="finetune", shape=SMOL, repetitions=2),
    "recomputed layers, 135M": dict(
        workload="finetune", shape=SMOL | dict(recompute=True), repetitions=2),
    "LoRA 135M, rank 8": dict(workload="finetune", shape=SMOL | dict(rank=8), repetitions=2),
    "decode": dict(workload="decode", model=MODEL, repetitions=5, contestants=["Recto, 1", "PyTorch eager, 1", "PyTorch eager, 2"]),
}
CONTESTANTS = {
    "Recto, 1": dict(threads=1),
    "Recto, 2": dict(threads=2),
    "PyTorch eager, 1": dict(threads=1, compiled=False),
    "PyTorch eager, 2": dict(threads=2, compiled=False),
    "PyTorch compiled, 1": dict(threads=1, compiled=True),
    "PyTorch compiled, 2": dict(threads=2, compiled=True),
}


def tokens(work):
    """Tokens of one run, where it is told as tokens a second."""
    shape = work.get("shape")
    return {
        "train": lambda: shape["rows"] * shape["length"],
        "finetune": lambda: shape["rows"] * shape["length"],
        "evaluate": lambda: shape["rows"] * shape["length"],
        "decode": lambda: 200,
    }.get(work["workload"], lambda: None)()


def operations(work):
    """Floating-point operations of one training step: of its matrix products, by the causal half."""
    s = work["shape"]
    weights = s["layers"] * (4 * s["d"] ** 2 + 3 * s["d"] * s["f"]) + s["d"] * s["vocab"]
    forward = 2 * weights + 4 * s["layers"] * s["d"] * (s["length"] + 1) / 2
    return 3 * forward * s["rows"] * s["length"]


def run(contestant, work):
    options = CONTESTANTS[contestant]
    task = {k: work[k] for k in ("workload", "shape", "model", "repetitions") if k in work}
    task |= options | {"warmups": 2 if work["repetitions"] > 2 else 1}
    if contestant.startswith("Recto"):
        command = [os.path.join(HERE, ".build", "debug", "timings")]
    else:
        task["workload"] = work.get("pytorch", task["workload"])
        command = [PYTHON, os.path.join(HERE, "pytorch.py")]
    environment = {**os.environ, "OMP_NUM_THREADS": str(options["threads"])}
    done = subprocess.run(
        command + [json.dumps(task)], capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        sys.exit(f"{contestant} failed on {task['workload']}:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def prepare():
    if not os.path.exists(PYTHON):
        subprocess.run([sys.executable, "-m", "venv", os.path.dirname(os.path.dirname(PYTHON))], check=True)
    if subprocess.run([PYTHON, "-c", "import torch, transformers, peft"], capture_output=True).returncode:
        subprocess.run([PYTHON, "-m", "pip", "install", *PACKAGES], check=True)
    build()


def build():
    subprocess.run(["swift", "build", "--package-path", HERE, "--product", "timings"], check=True, stdout=sys.stderr)


def machine():
    def output(*command):
        return subprocess.run(command, capture_output=True, text=True, cwd=HERE).stdout.strip()

    with open("/proc/cpuinfo") as file:
        processor = next((l.split(":")[1].strip() for l in file if l.startswith("model name")), platform.processor())
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "commit": output("git", "rev-parse", "--short", "HEAD"),
        "swift": output("swift", "--version").splitlines()[0],
        "python": platform.python_version(),
        "packages": output(PYTHON, "-m", "pip", "freeze").splitlines() if os.path.exists(PYTHON) else [],
    }


def table(name, work, results):
    """A table of one workload, and Recto's best median over PyTorch's."""
    count = tokens(work)
    unit = "tokens/s" if count else "ms"

    def value(seconds):
        return count / seconds if count else 1000 * seconds

    medians = {c: statistics.median(r["seconds"]) for c, r in results.items()}
    lines = [f"### {name}", "", f"| {unit} | minimum | median | maximum |", "| --- | ---: | ---: | ---: |"]
    for contestant, result in results.items():
        values = sorted(value(s) for s in result["seconds"])
        digits = 0 if values[-1] >= 100 else 2
        row = (values[0], value(medians[contestant]), values[-1])
        lines.append(f"| {contestant} | " + " | ".join(f"{v:,.{digits}f}" for v in row) + " |")
    recto = min((m for c, m in medians.items() if c.startswith("Recto")), default=None)
    torch = min((m for c, m in medians.items() if c.startswith("PyTorch")), default=None)
    told = f"Recto ÷ the best PyTorch **{torch / recto:.2f}**" if recto and torch else "one side alone"
    if "Recto, 1" in medians and "Recto, 2" in medians:
        told += f", two workers ÷ one {medians['Recto, 1'] / medians['Recto, 2']:.2f}"
    if work["workload"] == "train":
        for contestant in set(medians) & {"Recto, 1", "Recto, 2"}:
            peak = statistics.median(results[contestant]["gigaflops"]) * 1e9
            used = operations(work) / medians[contestant] / peak
            told += f"; {contestant}: {100 * used:.0f} % of {peak / 1e9:.0f} GFLOP/s sgemm"
    if any(r["peak_memory"] for r in results.values()):
        told += "; peak memory " + ", ".join(
            f"{c} {max(r['peak_memory']) / 1e6:,.0f} MB" for c, r in results.items() if r["peak_memory"])
    return "\n".join(lines + ["", told + ".", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="append", default=[], help="workloads whose name has this in it")
    parser.add_argument("--contestants", action="append", default=[], help="contestants whose name has this in it")
    parser.add_argument("--json", help="write all timings here")
    options = parser.parse_args()
    prepare()
    report = {"machine": machine(), "workloads": {}}
    for name, work in WORKLOADS.items():
        if options.only and not any(part in name for part in options.only):
            continue
        contestants = work.get("contestants", list(CONTESTANTS))
        if options.contestants:
            contestants = [c for c in contestants if any(part in c for part in options.contestants)]
        results = {c: {"seconds": [], "gigaflops": [], "peak_memory": []} for c in contestants}
        for round_number in range(options.rounds):
            for contestant in contestants:
                print(f"{name}, round {round_number + 1}: {contestant}", file=sys.stderr)
                result = run(contestant, work)
                results[contestant]["seconds"] += result["seconds"]
                for key in ("gigaflops", "peak_memory"):
                    if key in result:
                        results[contestant][key].append(result[key])
        print(table(name, work, results), flush=True)
        report["workloads"][name] = results
    if options.json:
        with open(options.json, "w") as file:
            json.dump(report, file, indent=1)


if __name__ == "__main__":
    main()
