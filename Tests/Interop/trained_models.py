"""Compares what Recto has trained with Hugging Face transformers and PEFT, on random models of every family.

    pip install torch==2.13.0 transformers==5.24.0 peft==0.21.2 && swift build
    python Tests/Interop/trained_models.py --count 6

Three ways, the largest difference of log-likelihoods in nats for each: a folder that `train finetune` wrote, read by
transformers (a tensor that is missing or left over is reported); an adapter of PEFT on all matrices, read by Recto;
an adapter that `train finetune --lora-rank` wrote, read by PEFT. The exit code is 1 if one is above the limit.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model

import random_models

warnings.filterwarnings("ignore")


def finetune(folder, *more):
    documents = folder / "learned.jsonl"
    documents.write_text("".join(json.dumps({"text": a + b}) + "\n" for a, b in random_models.texts))
    command = [
        random_models.root / ".build/debug/train", "finetune", "--documents", documents, "--model", folder, "--output",
        folder / "run", "--epochs", "2", "--workers", "1", "--quiet", *more,
    ]
    subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
    return folder / "run"


def difference(found, wanted):
    if isinstance(found, str):
        raise SystemExit(found)
    return max(abs(a - b) for a, b in zip(found, wanted))


def trained_folder(model, tokens, folder):
    trained = finetune(folder) / "model"
    read, report = transformers.AutoModelForCausalLM.from_pretrained(
        trained, dtype=torch.float64, output_loading_info=True
    )
    if any(report.values()):
        raise SystemExit(f"{folder}: {report}")
    return difference(random_models.recto(trained), random_models.expected(read.eval(), tokens))


def with_adapter(model, tokens, folder, adapter):
    base = type(model).from_pretrained(folder, dtype=torch.float64)
    read = PeftModel.from_pretrained(base, adapter).double().eval()
    return difference(random_models.recto(folder, adapter), random_models.expected(read, tokens))


def adapter_of_peft(model, tokens, folder):
    base = type(model).from_pretrained(folder, dtype=torch.float64)
    adapted = get_peft_model(
        base, LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM")
    )
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if "lora_" in name:
                parameter.copy_(0.3 * torch.randn_like(parameter))
    adapted.save_pretrained(folder / "adapter")
    return with_adapter(model, tokens, folder, folder / "adapter")


def adapter_of_recto(model, tokens, folder):
    return with_adapter(model, tokens, folder, finetune(folder, "--lora-rank", "3") / "adapter")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=6, help="models of each family")
    parser.add_argument("--families", default="llama,qwen2,qwen3,gpt2,gpt_neox,gemma3_text")
    parser.add_argument("--limit", type=float, default=1e-3, help="nats")
    options = parser.parse_args()
    failed = False
    for family in options.families.split(","):
        for way in [trained_folder, adapter_of_peft, adapter_of_recto]:
            largest = 0.0
            for seed in range(options.count):
                with tempfile.TemporaryDirectory() as name:
                    folder = pathlib.Path(name)
                    model, tokens, _ = random_models.make(family, seed, folder)
                    largest = max(largest, way(model, tokens, folder))
            failed = failed or largest > options.limit
            print(f"{family}, {way.__name__}: {options.count} models, {largest:.2g} nats", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
