"""Shows that transformers reads Recto's models, and makes models of others for Recto to read.

    pip install torch==2.15.0 transformers==5.23.0 tokenizers==0.23.3 safetensors && python make_golden.py

`recto.json`: what transformers' AutoModelForCausalLM and AutoTokenizer make of `models/recto` as it is: token ids,
logits, greedy text. `python make_golden.py FOLDER ...` compares nothing, but loads any other folders the same way and prints what
they write.

`models/NAME/`: small random checkpoints, saved by transformers, of the architectures that Recto reads, in several types, some
in several files, each with a tokenizer in its family's manner (from ../TokenizationTests/Golden/patterns); `golden.json` beside them
holds ids, logits, greedy text and the loss of one batch in double precision, `gradients.safetensors` the gradient of every parameter.
"""

import json
import pathlib
import shutil
import sys

import torch
from safetensors.torch import save_file
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

here = pathlib.Path(__file__).parent
patterns = here.parent / "TokenizationTests" / "Golden" / "patterns"
shipped = here.parent.parent / "models" / "recto"
TEXTS = [
    "femp are more rony than glon.", " All glon are yomp. All troff are", "Femp's 12 été — naïve 👍🏽\n\n  x",
    " troff is the parent of glon. glon is the child of", "", "Ünïcode ½ ٣٤٥\t\r\n",
]


def greedy(model, ids, count):
    ids = list(ids)
    start = len(ids)
    for _ in range(count):
        ids.append(int(model(torch.tensor([ids])).logits[0, -1].argmax()))
    return ids[start:]


@torch.no_grad()
def describe(model, tokenizer, continued):
    cases = []
    for text in TEXTS:
        ids = tokenizer(text).input_ids
        bos = model.config.bos_token_id or 0
        row = ids if ids[:1] == [bos] else [bos, *ids]  # Recto's template puts it there itself
        logits = model(torch.tensor([row])).logits[0, -1]
        cases.append({
            "text": text, "ids": ids, "row": row, "logits": [float(f"{x:.8g}") for x in logits.tolist()],
            "greedy": greedy(model, row, continued),
        })
    return cases


def make(name, config, model_class, pattern, dtype, shards=None):
    torch.manual_seed(len(name))
    folder = here / "models" / name
    shutil.rmtree(folder, ignore_errors=True)
    file = json.loads((patterns / f"{pattern}.json").read_text())["tokenizer"]
    folder.mkdir(parents=True)
    (folder / "tokenizer.json").write_text(json.dumps(file, ensure_ascii=False))
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))
    ids = {token["content"]: token["id"] for token in file["added_tokens"]}
    config = config(
        vocab_size=(len(tokenizer) + 15) // 16 * 16, hidden_size=32, intermediate_size=40, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=128, bos_token_id=ids["<|endoftext|>"],
        eos_token_id=ids["<|endoftext|>"])
    model = model_class(config)
    with torch.no_grad():
        for parameter in model.parameters():
            noise = torch.randn_like(parameter)
            parameter.copy_(1 + 0.2 * noise if parameter.dim() == 1 else noise / parameter.shape[-1] ** 0.5)
    model.to(dtype).save_pretrained(folder, **({"max_shard_size": shards} if shards else {}))
    (folder / "generation_config.json").unlink(missing_ok=True)

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float64, attn_implementation="eager")
    cases = describe(model, tokenizer, 12)
    rows = [case["row"] for case in cases if len(case["row"]) > 8]
    length = min(map(len, rows))
    tokens = torch.tensor([row[:length] for row in rows])
    logits = model(tokens[:, :-1]).logits
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
    loss.backward()
    save_file(
        {k: v.grad.float().contiguous() for k, v in model.named_parameters()}, folder / "gradients.safetensors")
    (folder / "golden.json").write_text(json.dumps(
        {"cases": cases, "batch": tokens.tolist(), "loss": loss.item()}, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(name, [f.name for f in sorted(folder.iterdir())], loss.item())


def scaled(**shape):
    return LlamaConfig(**shape, tie_word_embeddings=False, rope_parameters={
        "rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64})


if sys.argv[1:]:
    for folder in sys.argv[1:]:
        model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
        for case in describe(model, tokenizer, 12):
            print(folder, json.dumps(case["text"]), case["ids"], json.dumps(tokenizer.decode(case["greedy"])))
    sys.exit()

model = AutoModelForCausalLM.from_pretrained(shipped, dtype=torch.float32)
tokenizer = AutoTokenizer.from_pretrained(shipped)
snippets = json.loads((patterns.parent / "troubles.json").read_text())
(here / "recto.json").write_text(json.dumps({
    "cases": describe(model, tokenizer, 12), "snippets": [tokenizer(s).input_ids for s in snippets],
}, ensure_ascii=False, separators=(",", ":")) + "\n")
print("recto", type(model).__name__, model.num_parameters())

make("smollm", lambda **s: LlamaConfig(**s, tie_word_embeddings=True, rope_parameters={
    "rope_type": "default", "rope_theta": 100000.0}), LlamaForCausalLM, "smollm", torch.bfloat16)
make("llama3", scaled, LlamaForCausalLM, "llama3", torch.bfloat16, shards="40KB")
make("qwen2", lambda **s: Qwen2Config(**s, tie_word_embeddings=False), Qwen2ForCausalLM, "qwen2", torch.float16)
make("qwen3", lambda **s: Qwen3Config(**s, head_dim=16, tie_word_embeddings=True), Qwen3ForCausalLM, "gpt2",
     torch.float32, shards="60KB")
