#!/usr/bin/env python3
"""How training's speed and memory grow with context, width and batch.

    python3 growth.py [--rounds 3] [--json FILE]

Runs one training step (forward, backward, clipping, AdamW) of a model of width 128 and seven layers over and over in a
process of its own for each setting, and prints tables in Markdown: tokens a second (median), the share of
this machine's sgemm with as many workers, and the most memory that the process had resident.
"""

import argparse
import json
import statistics
import sys

import compare

BASE = dict(d=128, f=384, layers=7, heads=2, vocab=1024, rows=2, length=2048)


def width(d):
    return dict(d=d, f=3 * d, heads=d // 64)


SWEEPS = {
    "context length, two rows": ("length", [BASE | dict(length=n) for n in (128, 256, 512, 1024, 2048, 4096, 8192)]),
    "context length, 8,192 tokens a step": (
        "length", [BASE | dict(length=n, rows=8192 // n) for n in (128, 256, 512, 1024, 2048, 4096)]),
    "width, 4 rows of 512 tokens": ("d", [BASE | width(d) | dict(length=512, rows=4) for d in (64, 128, 256, 512)]),
    "batch, rows of 256 tokens": ("rows", [BASE | dict(length=256, rows=n) for n in (2, 4, 8, 16, 32, 64)]),
}


def parameters(s):
    return s["layers"] * (4 * s["d"] ** 2 + 3 * s["d"] * s["f"] + 2 * s["d"] + 128) + 2 * s["d"] * s["vocab"] + s["d"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", help="write all timings here")
    options = parser.parse_args()
    compare.build()
    report = {"machine": compare.machine(), "sweeps": {}}
    for name, (varied, shapes) in SWEEPS.items():
        results = [{"shape": s, "seconds": [], "gigaflops": [], "peak_memory": []} for s in shapes]
        for number in range(options.rounds):
            for result in results:
                shape = result["shape"]
                print(f"{name}, round {number + 1}: {shape[varied]}", file=sys.stderr)
                repetitions = 2 + min(20, 40_000 // (shape["rows"] * shape["length"]))
                done = compare.run("Recto, 2", dict(workload="train", shape=shape, repetitions=repetitions))
                result["seconds"] += done["seconds"]
                result["gigaflops"].append(done["gigaflops"])
                result["peak_memory"].append(done["peak_memory"])
        print(f"### {name}\n\n| {varied} | tokens a step | parameters | tokens/s | of sgemm | memory |")
        print("| ---: | ---: | ---: | ---: | ---: | ---: |")
        for result in results:
            shape = result["shape"]
            count = shape["rows"] * shape["length"]
            median = statistics.median(result["seconds"])
            peak = statistics.median(result["gigaflops"]) * 1e9
            share = compare.operations(dict(shape=shape)) / median / peak
            memory = statistics.median(result["peak_memory"]) / 2**20
            print(
                f"| {shape[varied]:,} | {count:,} | {parameters(shape):,} | {count / median:,.0f} "
                f"| {100 * share:.0f} % | {memory:,.0f} MB |")
        print(flush=True)
        report["sweeps"][name] = results
    if options.json:
        with open(options.json, "w") as file:
            json.dump(report, file, indent=1)


if __name__ == "__main__":
    main()
