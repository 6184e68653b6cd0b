"""Makes settings.json: tokenizer files of unusual kinds, and the ids that transformers gives with them.

    pip install transformers==5.24.0 tokenizers==0.23.3 && python make_settings.py [NUMBER OF TEXTS] [OUTPUT]

Each case is tokenizer.json of this folder with some parts replaced, and the small files that stand beside it. `ids` are those of
PreTrainedTokenizerFast.from_pretrained on such a folder, which is what AutoTokenizer uses; of Qwen2Tokenizer for a case of the model
type qwen2, as AutoTokenizer takes for it.
"""

import copy
import json
import pathlib
import random
import sys
import tempfile

from transformers import PreTrainedTokenizerFast, Qwen2Tokenizer

here = pathlib.Path(__file__).parent
base = json.loads((here / "tokenizer.json").read_text())
vocabulary, merges = base["model"]["vocab"], base["model"]["merges"]
count = int(sys.argv[1]) if sys.argv[1:] else 24
output = pathlib.Path(sys.argv[2]) if sys.argv[2:] else here / "settings.json"


def added(content, id, **flags):
    return {"id": id, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
            "special": True, **flags}


def token(content, **flags):
    return {"__type": "AddedToken", "content": content, "single_word": False, "lstrip": False, "rstrip": False,
            "normalized": False, **flags}


def split(expression, behavior="Isolated", invert=False):
    return {"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": expression}, "behavior": behavior, "invert": invert},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}]}



def without(letter):
    """The vocabulary with another token in the place of one byte."""
    return {("~" * 9 if k == letter else k): i for k, i in vocabulary.items()}


end = base["added_tokens"]
level = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
template = {"type": "TemplateProcessing", "single": [
    {"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
    "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
    "special_tokens": {"<|endoftext|>": {"id": "<|endoftext|>", "ids": [0], "tokens": ["<|endoftext|>"]}}}
last = next(i for i in range(len(merges) - 1, -1, -1) if len(merges[i][0]) > 1)
gpt4 = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
gpt2 = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"
qwen = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")

cases = {
    "decoder null": {"decoder": None},
    "decoder sequence": {"decoder": {"type": "Sequence", "decoders": [level, {"type": "Fuse"}]}},
    "post-processor sequence": {"post_processor": {"type": "Sequence", "processors": [level, template]}},
    "dropout zero": {"model": {"dropout": 0.0, "unk_token": "<unk>", "fuse_unk": True, "byte_fallback": True}},
    "normalizer sequence": {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}]}},
    "empty normalizer": {"normalizer": {"type": "Sequence", "normalizers": []}},
    # All early merges once more at the end: their ranks change.
    "merges twice": {"model": {"merges": merges + [merges[1], merges[0], merges[2], merges[1]] + merges[5:40:3]}},
    "added beyond": {"added_tokens": end + [added("<pad>", 380)]},
    "added hole": {"added_tokens": end + [added("<pad>", 400), added("<e>", 395)]},
    "added order": {"added_tokens": [added("<pad>", 381), added("<e>", 380)] + end},
    "added other id": {"added_tokens": [added("<|endoftext|>", 7), added("<pad>", 380)]},
    "vocabulary hole": {"model": {"vocab": {k: i + 4 * (i > 370) for k, i in vocabulary.items()}}},
    "unknown token": {"model": {"vocab": without("m"), "merges": [m for m in merges if "m" not in m[0] + m[1]],
                                "unk_token": "<|endoftext|>"}},
    "fused unknown tokens": {"model": {"vocab": without("m"), "merges": [m for m in merges if "m" not in m[0] + m[1]],
                                       "unk_token": "<|endoftext|>", "fuse_unk": True}},
    "space before": {"pre_tokenizer": level, "added_tokens": end + [added("<pad>", 380), added("<e>", 381, rstrip=True)]},
    "gpt4": {"pre_tokenizer": split(gpt4)},
    "gpt2 of tiktoken": {"pre_tokenizer": split(gpt2)},
    "gpt2 removed": {"pre_tokenizer": split(gpt2, "Removed", True)},
    "qwen removed": {"pre_tokenizer": split(qwen, "Removed", True), "normalizer": {"type": "NFC"}},
    "pad": {"config": {"pad_token": "<pad>"}},
    "pad object": {"config": {"pad_token": token("<pad>", lstrip=True, normalized=True)}},
    "decoder": {"config": {"added_tokens_decoder": {
        "430": {"content": "<e>", "special": False}, "425": {"content": "<b>", "lstrip": True, "special": True},
        "0": {**token("<|endoftext|>", rstrip=True), "special": True}}, "pad_token": "<pad>", "eos_token": "<|endoftext|>"}},
    "extra": {"config": {"extra_special_tokens": ["<e>", token("<b>", rstrip=True)], "unk_token": "<unk>"}},
    "extra by name": {"config": {"extra_special_tokens": {"boi_token": "<b>", "x": "<e>"}, "mask_token": token("<pad>", lstrip=True)}},
    "additional": {"config": {"additional_special_tokens": ["<e>", "<b>"], "image_token": "<pad>", "cls_token": "<unk>"}},
    "split special": {"config": {"split_special_tokens": True, "pad_token": "<pad>"}},
    "older files": {"config": {"bos_token": "<|endoftext|>"}, "map": {
        "pad_token": {"content": "<pad>", "lstrip": True, "rstrip": False, "normalized": False, "single_word": False},
        "additional_special_tokens": ["<e>"]}, "added": {"<b>": 425, "<unk>": 381}},
    "older files unused": {"config": {"added_tokens_decoder": {}, "eos_token": "<|endoftext|>"},
                           "map": {"pad_token": "<pad>"}, "added": {"<b>": 425}},
    "qwen2": {"type": "qwen2"},
    "qwen2 with a template": {"type": "qwen2", "post_processor": template, "config": {"pad_token": "<pad>", "extra_special_tokens": ["<e>"]},
                              "model": {"ignore_merges": True}},
    "qwen2 added": {"type": "qwen2", "pre_tokenizer": split(gpt4), "added_tokens": end + [added("<pad>", 380), added("<e>", 381, rstrip=True)]},
}

rng = random.Random(5)
PARTS = ["femp", " femp", " are", " more", " rony", " than", " glon", ".", " ", "  ", "\n", "\n\n", "\t", "\r\n", "'s", "'LL", "'ſ",
         "12", " 345678", "é", "e\u0301", "ü", "ß", "日本", "👍🏽", "½", "٣", "mm", "m", "<pad>", " <pad> ", "<e>", "<b>", " <b>",
         "<unk>", "<|endoftext|>", "_", "-", "’t", "(", ") ", "\u00a0", "\u3000", "x", "Troff", " the", " is", "http://a.b/c?d=e", "~~~~~~~~~"]
texts = ["", " ", "femp are more rony than glon."] + [
    "".join(rng.choice(PARTS) for _ in range(rng.randint(1, 14))) for _ in range(count - 3)]

result = []
for name, case in cases.items():
    case = copy.deepcopy(case)
    kind = case.pop("type", None)
    files = {"tokenizer_config.json": case.pop("config", None), "special_tokens_map.json": case.pop("map", None),
             "added_tokens.json": case.pop("added", None)}
    files = {k: v for k, v in files.items() if v is not None}
    tokenizer = {**base, **{k: v for k, v in case.items() if k != "model"}, "model": {**base["model"], **case.get("model", {})}}
    with tempfile.TemporaryDirectory() as folder:
        for file, value in {"tokenizer_config.json": {}, **files, "tokenizer.json": tokenizer}.items():
            (pathlib.Path(folder) / file).write_text(json.dumps(value))
        ids = (Qwen2Tokenizer if kind else PreTrainedTokenizerFast).from_pretrained(folder)(texts).input_ids
    # As texts, since the order of the keys counts.
    files = {name: json.dumps(value) for name, value in files.items()}
    result.append({"name": name, "type": kind or "llama", "changes": case, "files": files, "ids": ids})
output.write_text(json.dumps({"texts": texts, "cases": result}, ensure_ascii=False, separators=(",", ":")) + "\n")
print(len(result), "cases,", len(texts), "texts,", output.stat().st_size, "bytes")
