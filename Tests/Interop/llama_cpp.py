"""Compares the greedy text of llama.cpp and Recto on GGUF files that Recto wrote of random models.

    pip install torch==2.13.0 transformers==5.24.0 xllamacpp && swift build
    python Tests/Interop/llama_cpp.py

llama.cpp keeps keys and values in 32 bits here; by default it rounds them to 16. Prints for each model how many of
three texts of 40 tokens are the same. Where two tokens are nearly as likely, rounding may choose the other one.
"""

import json
import pathlib
import subprocess
import tempfile

import torch
import transformers
import xllamacpp

import random_models

ROPE = {
    "plain": {"rope_type": "default"},
    "linear": {"rope_type": "linear", "factor": 4.0},
    "yarn": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64},
    "llama3": {
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64,
    },
}
PROMPTS = [
    "The model in models/ has", "facts in the weights, facts in the prompt", "train a small transformer",
]


def make(family, rope, has_biases, folder):
    torch.manual_seed(3)
    tokens = random_models.tokenizer(folder)
    kind, configuration = {
        "llama": (transformers.LlamaForCausalLM, transformers.LlamaConfig),
        "qwen3": (transformers.Qwen3ForCausalLM, transformers.Qwen3Config),
    }[family]
    biases = dict(attention_bias=True, mlp_bias=True) if has_biases else {}
    model = kind(
        configuration(
            vocab_size=tokens.get_vocab_size(), hidden_size=64, intermediate_size=96, num_hidden_layers=3,
            num_attention_heads=4, num_key_value_heads=2, head_dim=16, max_position_embeddings=256, bos_token_id=0,
            eos_token_id=0, rope_parameters={**ROPE[rope], "rope_theta": 10000.0}, tie_word_embeddings=False, **biases,
        )
    )
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn_like(parameter)
            if parameter.dim() > 1:
                parameter.copy_(1.5 * noise / parameter.shape[-1] ** 0.5)
            else:
                parameter.copy_(0.2 * noise + (1 if "norm" in name else 0))
    model.save_pretrained(folder)
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|endoftext|>"})
    )


def recto(*arguments):
    command = [str(random_models.root / ".build/debug" / arguments[0]), *map(str, arguments[1:])]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def llama_cpp(file):
    settings = xllamacpp.CommonParams()
    settings.model.path = str(file)
    settings.n_ctx, settings.n_parallel, settings.warmup = 256, 1, False
    settings.cache_type_k = settings.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    return xllamacpp.Server(settings)


def main():
    for family, rope, has_biases in [
        ("llama", "plain", False), ("llama", "plain", True), ("llama", "linear", False), ("llama", "yarn", False),
        ("llama", "llama3", False), ("qwen3", "linear", False), ("qwen3", "yarn", False),
    ]:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            make(family, rope, has_biases, folder)
            file = folder / "model.gguf"
            recto("train", "export", "--gguf", file, "--model", folder, "--type", "f32")
            server = llama_cpp(file)
            same = 0
            for prompt in PROMPTS:
                answer = server.handle_completions(
                    {"prompt": prompt, "max_tokens": 40, "temperature": 0, "cache_prompt": False}
                )
                answer = answer if isinstance(answer, dict) else json.loads(answer)
                theirs = answer.get("content") or answer["choices"][0]["text"]
                ours = json.loads(
                    recto("probe", "generate", "--model", file, "--prompt", prompt, "--temperature", "0", "--max-tokens",
                          "40", "--json")
                )["text"]
                same += theirs == ours
            print(f"{family}, {rope}{', biases' if has_biases else ''}: {same} of {len(PROMPTS)} texts", flush=True)


if __name__ == "__main__":
    main()
