"""Converts a GGUF file to a Hugging Face folder and writes what transformers makes of it; see `compare`.

    python expect.py FILE.gguf FOLDER

FOLDER/model is the converted model, FOLDER/expected.json the ids, log-likelihoods and texts.
"""

import json
import pathlib
import random
import sys

import torch
from gguf import GGUFReader
from transformers import AutoModelForCausalLM, AutoTokenizer

file, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
target = folder / "model"
loaded = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
# The weights are dequantised, but such a model refuses to be saved; one without the mark does not.
del loaded.config.quantization_config
loaded.config.__dict__.pop("_model_name_or_path", None)
model = AutoModelForCausalLM.from_config(loaded.config, dtype=torch.float32).eval()
model.load_state_dict(loaded.state_dict())
model.save_pretrained(target)
fields = GGUFReader(file).fields


def value(key, otherwise=None):
    return fields[key].contents() if key in fields else otherwise


# tokenizer.json by the GGUF's own tables: transformers' converter for the architecture llama drops the pre-tokenizer.
tokens, types = value("tokenizer.ggml.tokens"), value("tokenizer.ggml.token_type")
added = [
    {"id": i, "content": tokens[i], "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    for i, kind in enumerate(types) if kind == 3]
assert value("tokenizer.ggml.pre") == "smollm"
(target / "tokenizer.json").write_text(json.dumps({
    "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
    "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
        {"type": "Digits", "individual_digits": True},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}]},
    "post_processor": None,
    "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
    "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
              "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
              "vocab": {t: i for i, t in enumerate(tokens)}, "merges": value("tokenizer.ggml.merges")}}, ensure_ascii=False))
(target / "tokenizer_config.json").write_text(json.dumps({
    "tokenizer_class": "PreTrainedTokenizerFast", "chat_template": value("tokenizer.chat_template"),
    **{name: tokens[value(f"tokenizer.ggml.{key}_token_id")] for name, key in [
        ("bos_token", "bos"), ("eos_token", "eos"), ("unk_token", "unknown"), ("pad_token", "padding")]}}, ensure_ascii=False))
tokenizer = AutoTokenizer.from_pretrained(target)

rng = random.Random(7)
WORDS = ("the of and to in is was model 12 3.14 2024 It's they'LL don't naïve café Ünïcode 日本語 中文 русский العربية "
         "👍🏽 👩‍👩‍👧 ½ ٣٤٥ e\u0301 ß ﬁ https://a.b/c?d=e f(x)=x**2; #include <stdio.h> \"quoted\" … – — ’ _under_ CamelCase <|im_end|> "
         "<|im_start|> <|endoftext|> <repo_name>").split(" ")
SPACES = [" "] * 12 + ["", "  ", "\n", "\n\n", "\t", "\r\n", "\u00a0", "   \n  "]


def text():
    if rng.random() < 0.2:
        return "".join(chr(rng.choice([rng.randrange(32, 127), rng.randrange(160, 0x2FFF), rng.randrange(0x1F300, 0x1FAFF)]))
                       for _ in range(rng.randint(1, 20)))
    return "".join(rng.choice(WORDS) + rng.choice(SPACES) for _ in range(rng.randint(1, 12)))


strings = [text() for _ in range(10_000)]
CHOICES = [
    ("The capital of France is", " Paris"), ("Water boils at", " 100 degrees"), ("It's 12,345 – naïve", " café"),
    ("def add(a, b):\n    return", " a + b"), ("Once upon a time", ", there was a little girl"), ("2 + 2 =", " 4"),
    ("The opposite of hot is", " cold"), ("Larry went to", " Toronto, Canada."),
]
CHATS = [("What is the capital of France?", None), ("Name three colours.", "Answer in one line."), ("été 👍🏽\n\n", None), ("", None)]


@torch.no_grad()
def log_likelihood(prompt, choice):
    a, b = tokenizer(prompt).input_ids, tokenizer(choice, add_special_tokens=False).input_ids
    scores = model(torch.tensor([a + b])).logits[0].double().log_softmax(-1)
    return sum(scores[len(a) - 1 + i, token].item() for i, token in enumerate(b))


@torch.no_grad()
def greedy(ids, count):
    return model.generate(
        torch.tensor([ids]), attention_mask=torch.ones(1, len(ids)), max_new_tokens=count, do_sample=False,
        eos_token_id=model.config.eos_token_id, pad_token_id=model.config.eos_token_id)[0, len(ids):].tolist()


def chat(user, system):
    messages = ([{"role": "system", "content": system}] if system else []) + [{"role": "user", "content": user}]
    return tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)


(folder / "expected.json").write_text(json.dumps({
    "strings": [{"text": s, "ids": ids} for s, ids in zip(strings, tokenizer(strings).input_ids)],
    "choices": [{"prompt": p, "choice": c, "log_likelihood": log_likelihood(p, c)} for p, c in CHOICES],
    "texts": [{"prompt": p, "ids": greedy(tokenizer(p).input_ids, 24)} for p, _ in CHOICES],
    "chats": [{"user": u, "system": s, "prompt": chat(u, s), "ids": greedy(chat(u, s), 24)} for u, s in CHATS],
}, ensure_ascii=False))
print(len(strings), "strings,", len(CHOICES), "choices,", len(CHATS), "conversations")
