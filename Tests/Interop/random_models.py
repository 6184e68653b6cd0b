"""Compares Recto with Hugging Face transformers on random models of every family.

    pip install torch==2.13.0 transformers==5.24.0 && swift build
    python Tests/Interop/random_models.py --count 30

Each model has random sizes, head counts, ties, biases, kinds of rotary positions, activation, windows,
number type and number of files. Recto reads its folder and scores four texts; so does transformers, in
double precision. The largest difference of log-likelihoods per family is printed, in nats; the exit code
is 1 if one is above the limit. A model that Recto refuses counts as a failure.
"""

import argparse
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
root = pathlib.Path(__file__).parents[2]
texts = [
    ("The model in models/ has", " 2.3 M parameters"),
    ("It's 12,345 –", " naïve été"),
    ("train", " a small transformer on synthetic corpora until it reasons over facts in its prompt"),
    (" ".join(["facts in the weights, facts in the prompt"] * 3), " and augmented fine-tuning"),
]


def tokenizer(folder):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator((root / "README.md").read_text().splitlines(), trainer)
    tokenizer.save(str(folder / "tokenizer.json"))
    return tokenizer


def rope(r, head_size, kinds=("default", "default", "linear", "dynamic", "yarn", "llama3")):
    kind = r.choice(kinds)
    values = {"rope_type": kind, "rope_theta": r.choice([100.0, 10000.0, 500000.0])}
    if kind != "default":
        values["factor"] = r.choice([2.0, 4.0, 8.0])
    if kind == "yarn":
        values["original_max_position_embeddings"] = r.choice([16, 64])
        if r.random() < 0.5:
            values |= {"beta_fast": 8.0, "beta_slow": 0.5}
        if r.random() < 0.3:
            values |= {"mscale": 0.7, "mscale_all_dim": 1.2}
        if r.random() < 0.3:
            values["attention_factor"] = 1.3
        if r.random() < 0.3:
            values["truncate"] = False
    if kind == "llama3":
        values |= {
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": r.choice([16, 64]),
        }
    return values


def configuration(family, r, vocabulary):
    heads = r.choice([1, 2, 3, 4, 6])
    groups = r.choice([g for g in (1, 2, 3, 4, 6) if heads % g == 0])
    head_size = r.choice([4, 6, 8, 16, 20])
    layers = r.choice([1, 2, 3])
    common = dict(
        vocab_size=vocabulary + r.choice([0, 0, 7]),
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=None,
        tie_word_embeddings=r.random() < 0.5,
    )
    if family == "gpt2":
        return transformers.GPT2Config(
            **common,
            n_embd=heads * r.choice([5, 8, 16]),
            n_head=heads,
            n_layer=layers,
            n_positions=256,
            n_inner=r.choice([None, 24, 50]),
            activation_function=r.choice(["gelu_new", "gelu", "relu", "silu"]),
            layer_norm_epsilon=r.choice([1e-5, 1e-3]),
            scale_attn_weights=r.random() < 0.8,
        )
    common |= dict(
        intermediate_size=r.choice([16, 33, 48]),
        num_hidden_layers=layers,
        num_attention_heads=heads,
        max_position_embeddings=256,
    )
    activation = r.choice(["silu", "silu", "gelu", "gelu_pytorch_tanh", "relu"])
    if family == "gpt_neox":
        share = r.choice([0.25, 0.5, 0.34, 1.0])
        size = r.choice([8, 12, 16])
        kinds = ("default",) if share != 1 else ("default", "linear", "dynamic", "yarn", "llama3")
        return transformers.GPTNeoXConfig(
            **common,
            hidden_size=heads * size,
            hidden_act=r.choice(["gelu", "gelu_new", "relu", "gelu_fast"]),
            use_parallel_residual=r.random() < 0.6,
            attention_bias=r.random() < 0.7,
            layer_norm_eps=r.choice([1e-5, 1e-3]),
            rope_parameters={**rope(r, size, kinds), "partial_rotary_factor": share},
        )
    common |= dict(
        hidden_size=heads * r.choice([5, 8, 12]),
        num_key_value_heads=groups,
        head_dim=head_size,
        rms_norm_eps=r.choice([1e-6, 1e-3]),
    )
    window = dict(
        sliding_window=r.choice([3, 16, 40, 1000]),
        layer_types=[r.choice(["full_attention", "sliding_attention"]) for _ in range(layers)],
    )
    if family == "gemma3_text":
        kinds = ("default", "default", "linear")
        return transformers.Gemma3TextConfig(
            **common,
            **window,
            hidden_activation=r.choice(["gelu_pytorch_tanh", "gelu_pytorch_tanh", "silu"]),
            query_pre_attn_scalar=r.choice([head_size, 9, 256]),
            attention_bias=r.random() < 0.3,
            rope_parameters={
                "full_attention": rope(r, head_size, kinds),
                "sliding_attention": rope(r, head_size, ("default",)),
            },
        )
    common |= dict(hidden_act=activation, rope_parameters=rope(r, head_size))
    if family == "llama":
        return transformers.LlamaConfig(
            **common, attention_bias=r.random() < 0.4, mlp_bias=r.random() < 0.4
        )
    if r.random() < 0.5:
        common |= dict(window, use_sliding_window=True)
    if family == "qwen2":
        return transformers.Qwen2Config(**common)
    return transformers.Qwen3Config(**common, attention_bias=r.random() < 0.4)


def make(family, seed, folder):
    r = random.Random(f"{family} {seed}")
    torch.manual_seed(seed)
    tokens = tokenizer(folder)
    config = configuration(family, r, tokens.get_vocab_size())
    config._attn_implementation = "eager"
    model = transformers.AutoModelForCausalLM.from_config(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            noise = torch.randn_like(parameter)
            parameter.copy_(1 + 0.2 * noise if parameter.dim() == 1 else 1.5 * noise / parameter.shape[-1] ** 0.5)
    kind = r.choice([torch.float32, torch.float32, torch.float16, torch.bfloat16, torch.float64])
    model.to(kind).save_pretrained(folder, max_shard_size=r.choice(["5GB", "20KB"]))
    # Read again: the number type has rounded the rotary frequencies of the model in memory too.
    model = type(model).from_pretrained(folder, dtype=torch.float64, attn_implementation="eager").eval()
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|endoftext|>"})
    )
    # As transformers reads it: a model of type qwen2 splits texts in its own way, whatever the file says.
    tokens = transformers.AutoTokenizer.from_pretrained(folder)
    return model, tokens, f"{kind}, {json.dumps(config.to_diff_dict(), default=str)}"


@torch.no_grad()
def expected(model, tokens):
    results = []
    for prompt, choice in texts:
        first, second = (tokens.encode(text, add_special_tokens=False) for text in (prompt, choice))
        logits = model(torch.tensor([first + second])).logits[0].log_softmax(-1)
        results.append(sum(logits[len(first) - 1 + i, t].item() for i, t in enumerate(second)))
    return results


def recto(folder, adapter=None):
    (folder / "documents.jsonl").write_text('{"text": "a b"}\n')
    (folder / "questions.jsonl").write_text(
        "".join(json.dumps({"prompt": p, "choices": [c, " x"], "answer": 0}) + "\n" for p, c in texts)
    )
    command = [
        root / ".build/debug/probe", "--documents", folder / "documents.jsonl", "--questions",
        folder / "questions.jsonl", "--model", folder, "--arms", "pretrained", "--seeds", "1",
        "--quiet", "--output", folder / "out", *(["--adapter", adapter] if adapter else []),
    ]
    shutil.rmtree(folder / "out", ignore_errors=True)
    run = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if run.returncode:
        return run.stderr.strip()
    lines = (folder / "out" / "samples.jsonl").read_text().splitlines()
    return [json.loads(line)["log_likelihoods"][0] for line in lines]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=30, help="models of each family")
    parser.add_argument("--families", default="llama,qwen2,qwen3,gpt2,gpt_neox,gemma3_text")
    parser.add_argument("--limit", type=float, default=1e-3, help="nats")
    options = parser.parse_args()
    failed = False
    for family in options.families.split(","):
        largest = 0.0
        for seed in range(options.count):
            with tempfile.TemporaryDirectory() as name:
                folder = pathlib.Path(name)
                model, tokens, description = make(family, seed, folder)
                result = recto(folder)
                wanted = expected(model, tokens)
            if isinstance(result, str):
                print(f"{family} {seed}: {result}\n  {description}", flush=True)
                failed = True
                continue
            difference = max(abs(a - b) for a, b in zip(result, wanted))
            if difference > options.limit:
                print(f"{family} {seed}: {difference:.2g} nats\n  {description}", flush=True)
                failed = True
            largest = max(largest, difference)
        print(f"{family}: {options.count} models, largest difference {largest:.2g} nats", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
