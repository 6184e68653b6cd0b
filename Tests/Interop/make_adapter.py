"""Shows that peft loads Recto's adapters, and makes golden files of that for the tests.

    pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2 && python make_adapter.py

`models/smollm-adapter/` is what Recto itself wrote:

    swift run train finetune --model Tests/Interop/models/smollm --documents Tests/Interop/adapter-documents.jsonl \\
      --lora-rank 2 --lora-alpha 6 --lora-targets q_proj,v_proj,up_proj,down_proj --epochs 20 --learning-rate 0.03 \\
      --batch-tokens 64 --row-length 64 --workers 2 --output RUN && cp RUN/adapter/adapter_* Tests/Interop/models/smollm-adapter/

`adapter.json` is what peft makes of it on models/smollm, merged and not: the logits after some rows. `models/peft-adapter/` is an
adapter of random numbers that peft wrote, with its logits beside them in the same file.
`python make_adapter.py RUN` instead compares any run: RUN/adapter on its base model, merged by peft or not, with RUN/model.
"""

import json
import pathlib
import shutil
import sys

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

here = pathlib.Path(__file__).parent
ROWS = [[0], [0, 5, 300, 17, 4], list(range(0, 120, 3))]


@torch.no_grad()
def logits(model):
    return [model(torch.tensor([row])).logits[0, -1] for row in ROWS]


def load(folder, base):
    return PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), folder).eval()


def cases(folder, base):
    plain = logits(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval())
    with_adapter = logits(load(folder, base))
    merged = logits(load(folder, base).merge_and_unload())
    for a, b, c in zip(plain, with_adapter, merged):
        assert (b - c).abs().max() < 1e-4, "merging changes what the model computes"
        assert (a - b).abs().max() > 1e-2, "the adapter does nothing"
    return [
        {"row": row, "logits": [float(f"{x:.7g}") for x in values.tolist()]}
        for row, values in zip(ROWS, with_adapter)
    ]


def compare(run):
    base = json.loads((run / "adapter" / "adapter_config.json").read_text())["base_model_name_or_path"]
    own = logits(AutoModelForCausalLM.from_pretrained(run / "model", dtype=torch.float32).eval())
    for model in (load(run / "adapter", base), load(run / "adapter", base).merge_and_unload()):
        furthest = max((a - b).abs().max().item() for a, b in zip(own, logits(model)))
        assert furthest < 1e-4, furthest
        print(f"{type(model).__name__}: logits as those of {run}/model, {furthest:.1e} apart at most")


def make():
    base = here / "models" / "smollm"
    torch.manual_seed(7)
    model = get_peft_model(
        AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32),
        LoraConfig(r=3, lora_alpha=4, target_modules=["k_proj", "o_proj", "gate_proj"], task_type="CAUSAL_LM"))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.copy_(0.3 * torch.randn_like(parameter))
    folder = here / "models" / "peft-adapter"
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    settings = json.loads((folder / "adapter_config.json").read_text())
    settings["base_model_name_or_path"] = "Tests/Interop/models/smollm"
    (folder / "adapter_config.json").write_text(json.dumps(settings, indent=2) + "\n")
    golden = {"recto": cases(here / "models" / "smollm-adapter", base), "peft": cases(folder, base)}
    (here / "adapter.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        compare(pathlib.Path(sys.argv[1]))
    else:
        make()
