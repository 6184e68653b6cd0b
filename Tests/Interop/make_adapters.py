"""Adapters in the ways in which peft can make them, with the logits that peft computes, for AdapterInteropTests.

    pip install torch==2.13.0 transformers==5.24.0 peft==0.21.2 && python make_adapters.py

`models/peft-NAME/` is an adapter of random numbers on one of the models beside it; `adapters.json` has, for each, the logits
after one row.
"""

import importlib.metadata
import json
import pathlib
import shutil

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

here = pathlib.Path(__file__).parent
ROW = [0, 5, 300, 17, 4, 211, 90, 33]

# name: model, type of the numbers, settings
ADAPTERS = {
    "regex": ("smollm", torch.float16, dict(
        r=4, lora_alpha=8, use_rslora=True, target_modules=r".*self_attn\.(?:q|v)_proj|model\.layers\.1\.mlp\..*_proj",
        rank_pattern={r"layers\.1\.self_attn\..*": 3, "v_proj": 1, "mlp.down_proj": 2},
        alpha_pattern={"(q|up)_proj": -5, "q_proj": 3})),
    "layers": ("qwen2", torch.bfloat16, dict(
        r=50, lora_alpha=-20, target_modules=["v_proj", "mlp.up_proj", "model.layers.0.self_attn.o_proj"],
        layers_to_transform=[1], layers_pattern="layers", init_lora_weights="orthogonal")),
    "linear": ("qwen3", torch.float32, dict(
        r=1, lora_alpha=1.5, target_modules="all-linear", exclude_modules=["layers.0.self_attn.k_proj", "gate_proj"],
        lora_dropout=0.1, fan_in_fan_out=True, init_lora_weights="mica")),
}


@torch.no_grad()
def logits(model):
    return model(torch.tensor([ROW])).logits[0, -1]


def make(name, base, dtype, settings):
    folder = here / "models" / f"peft-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    path = here / "models" / base
    load = lambda: AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32).eval()
    torch.manual_seed(7)
    model = get_peft_model(load(), LoraConfig(task_type="CAUSAL_LM", **settings))
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if "lora_" in key:
                parameter.copy_(0.3 * torch.randn_like(parameter))
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    file = folder / "adapter_model.safetensors"
    save_file({key: x.to(dtype) for key, x in load_file(file).items()}, file, metadata={"format": "pt"})
    text = json.loads((folder / "adapter_config.json").read_text())
    text["base_model_name_or_path"] = f"Tests/Interop/models/{base}"
    if isinstance(text["target_modules"], list):
        text["target_modules"].sort()
    if isinstance(text["exclude_modules"], list):
        text["exclude_modules"].sort()
    (folder / "adapter_config.json").write_text(json.dumps(text, indent=2) + "\n")
    result = logits(PeftModel.from_pretrained(load(), folder).eval())
    assert (result - logits(load())).abs().max() > 1e-2, "the adapter does nothing"
    return {"name": f"peft-{name}", "model": base, "row": ROW, "logits": [float(f"{x:.7g}") for x in result.tolist()]}


for package in ["torch", "transformers", "peft"]:
    print(package, importlib.metadata.version(package))
golden = [make(name, *rest) for name, rest in ADAPTERS.items()]
(here / "adapters.json").write_text("[\n" + ",\n".join(json.dumps(x) for x in golden) + "\n]\n")
