#!/usr/bin/env python3
"""The training of a finished run once more, in PyTorch: the same rows, optimisers, rates and shape.

    .venv/bin/python pytorch_recipe.py RUN OUTPUT [--threads 2] [--steps N]

RUN is a run folder that `train` has finished (of a recipe without loops); OUTPUT is the model folder to write, which
`swift run probe --model` reads. Parameters are drawn anew with the same distributions. The rows are made
before the clock starts; compiling counts.
"""

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import time

import numpy
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

import compare

HERE = compare.HERE


def shapes(c):
    d, f = c["hidden_size"], c["intermediate_size"]
    size = 64 if c["head_count"] * 64 >= d else d // c["head_count"]
    inner = c["head_count"] * size
    layer = {
        "input_layernorm": (d,), "post_attention_layernorm": (d,),
        "self_attn.q_norm": (size,), "self_attn.k_norm": (size,),
        "self_attn.q_proj": (inner, d), "self_attn.k_proj": (inner, d), "self_attn.v_proj": (inner, d),
        "self_attn.o_proj": (d, inner),
        "mlp.gate_proj": (f, d), "mlp.up_proj": (f, d), "mlp.down_proj": (d, f),
    }
    names = {f"model.layers.{n}.{k}.weight": s for n in range(c["layer_count"]) for k, s in layer.items()}
    return names | {
        "model.embed_tokens.weight": (c["vocabulary_size"], d), "model.norm.weight": (d,),
        "lm_head.weight": (c["vocabulary_size"], d)}


def draw(name, shape):
    if len(shape) == 1:
        return torch.ones(shape)
    if any(part in name for part in ("o_proj", "down_proj", "lm_head")):
        return torch.zeros(shape)
    if "embed" in name:
        return torch.randn(shape)
    return torch.randn(shape) / math.sqrt(shape[1])


def norm(x, weight):
    return F.rms_norm(x, (x.shape[-1],), weight, 1e-6)


def loss(p, c, cos, sin, tokens, targets, weights):
    """Σ weight · loss / Σ weight."""
    x = p["model.embed_tokens.weight"][tokens]
    b, t, d = x.shape
    heads = c["head_count"]

    def rotate(y):
        first, second = y.chunk(2, -1)
        return y * cos + torch.cat((-second, first), -1) * sin

    for n in range(c["layer_count"]):
        def w(name):
            return p[f"model.layers.{n}.{name}.weight"]

        y = norm(x, w("input_layernorm"))
        q, k, v = F.linear(
            y, torch.cat([w(f"self_attn.{s}_proj") for s in "qkv"])
        ).view(b, t, 3, heads, -1).permute(2, 0, 3, 1, 4)
        q, k = rotate(norm(q, w("self_attn.q_norm"))), rotate(norm(k, w("self_attn.k_norm")))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + F.linear(mixed.transpose(1, 2).reshape(b, t, -1), w("self_attn.o_proj"))
        y = norm(x, w("post_attention_layernorm"))
        gate, up = F.linear(y, torch.cat((w("mlp.gate_proj"), w("mlp.up_proj")))).chunk(2, -1)
        x = x + F.linear(F.silu(gate) * up, w("mlp.down_proj"))
    logits = F.linear(norm(x, p["model.norm.weight"]), p["lm_head.weight"])
    each = F.cross_entropy(logits.flatten(0, 1), targets.flatten().long(), reduction="none")
    return (each * weights.flatten()).sum() / weights.sum()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("output")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, help="stop after so many, as the run did")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    with open(os.path.join(options.run, "config.json")) as file:
        c = json.load(file)["recipe"]
    subprocess.run(
        ["swift", "build", "--package-path", HERE, "--product", "rows"], check=True, stdout=sys.stderr)
    stages = []
    for n, stage in enumerate(c["stages"]):
        data = subprocess.run(
            [os.path.join(HERE, ".build", "debug", "rows"), options.run, str(n)], check=True,
            capture_output=True).stdout
        shape = (-1, 3, stage["rows_per_step"], stage["row_length"])
        stages.append(torch.from_numpy(numpy.frombuffer(data, dtype=numpy.int32).reshape(shape).copy()))

    began = time.perf_counter()
    p = {name: torch.nn.Parameter(draw(name, shape)) for name, shape in shapes(c).items()}
    o = c["optimizer"]
    hidden = [v for k, v in p.items() if v.ndim == 2 and k.startswith("model.layers.")]
    others = [v for k, v in p.items() if not (v.ndim == 2 and k.startswith("model.layers."))]
    muon = torch.optim.Muon(hidden, lr=o["muon_learning_rate"], weight_decay=0, momentum=0.95, nesterov=True)
    adamw = torch.optim.AdamW(
        others, lr=o["learning_rate"], betas=(o["beta1"], o["beta2"]), eps=o["epsilon"], weight_decay=0, fused=True)
    size = p["model.layers.0.self_attn.q_norm.weight"].shape[0]
    angle = torch.outer(
        torch.arange(c["context_length"]).float(), c["rope_theta"] ** (-torch.arange(0, size, 2).float() / size))
    cos, sin = torch.cat((angle, angle), -1).cos(), torch.cat((angle, angle), -1).sin()
    compiled = torch.compile(loss, dynamic=False)
    step = 0
    for stage, batches in zip(c["stages"], stages):
        if options.steps and step >= options.steps:
            break
        t = stage["row_length"]
        start = time.perf_counter()
        for place, batch in enumerate(batches):
            scale = stage["rate_at_start"] + (stage["rate_at_end"] - stage["rate_at_start"]) * place / len(batches)
            muon.param_groups[0]["lr"] = o["muon_learning_rate"] * scale
            adamw.param_groups[0]["lr"] = o["learning_rate"] * scale
            weights = batch[2].view(torch.float32)
            value = compiled(p, c, cos[:t], sin[:t], batch[0], batch[1], weights)
            value.backward()
            torch.nn.utils.clip_grad_norm_(p.values(), o["maximum_gradient_norm"])
            for optimizer in (muon, adamw):
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
            step += 1
            if step == options.steps:
                break
        seconds = time.perf_counter() - start
        count = (place + 1) * batches.shape[2] * t
        print(f"{stage['name']}: {count:,} tokens in {seconds:.0f} s, {count / seconds:,.0f} a second, "
              f"loss {value.item():.3f}", flush=True)
    print(f"{step:,} steps in {time.perf_counter() - began:.0f} s")
    shutil.copytree(os.path.join(options.run, "model"), options.output)
    save_file(
        {k: v.detach().contiguous() for k, v in p.items()},
        os.path.join(options.output, "model.safetensors"), metadata={"format": "pt"})


if __name__ == "__main__":
    main()
