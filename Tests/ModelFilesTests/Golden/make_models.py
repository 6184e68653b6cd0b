"""Makes the folders of tiny models in `models` with Hugging Face transformers, each with a golden.json.

    pip install torch==2.13.0 transformers==5.24.0 && python make_models.py

golden.json holds a row of tokens, and what PyTorch computes from it in double precision: the logits
after each token, the mean loss of the row's own next tokens, and the gradient of every parameter.
"""

import json
import pathlib
import shutil

import torch
from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

folder = pathlib.Path(__file__).parent / "models"
length = 14

shape = dict(
    vocab_size=19,
    hidden_size=12,
    intermediate_size=20,
    num_hidden_layers=2,
    num_attention_heads=2,
    max_position_embeddings=16,
    bos_token_id=0,
    eos_token_id=0,
    pad_token_id=None,
)
grouped = dict(shape, num_attention_heads=4, num_key_value_heads=2, head_dim=6)
gpt2 = dict(
    vocab_size=19, n_embd=12, n_layer=2, n_head=2, n_positions=16, bos_token_id=0, eos_token_id=0,
    resid_pdrop=0, embd_pdrop=0, attn_pdrop=0,
)


def rope(kind, **rest):
    return {"rope_type": kind, "rope_theta": 500.0, **rest}


models = {
    "llama-linear": (LlamaConfig, LlamaForCausalLM, dict(grouped, rope_parameters=rope("linear", factor=3.0))),
    "llama-dynamic": (LlamaConfig, LlamaForCausalLM, dict(grouped, rope_parameters=rope("dynamic", factor=3.0))),
    "llama-yarn": (
        LlamaConfig,
        LlamaForCausalLM,
        dict(
            grouped,
            rope_parameters=rope(
                "yarn", factor=4.0, original_max_position_embeddings=8, beta_fast=2.0, beta_slow=0.1
            ),
        ),
    ),
    "llama-biases": (
        LlamaConfig,
        LlamaForCausalLM,
        dict(grouped, attention_bias=True, mlp_bias=True, hidden_act="gelu", rope_parameters=rope("default")),
    ),
    "qwen2-sliding": (
        Qwen2Config,
        Qwen2ForCausalLM,
        dict(
            grouped, use_sliding_window=True, sliding_window=5, max_window_layers=1, rope_parameters=rope("default")
        ),
    ),
    "qwen3-biases": (
        Qwen3Config,
        Qwen3ForCausalLM,
        dict(grouped, attention_bias=True, tie_word_embeddings=True, rope_parameters=rope("default")),
    ),
    "gpt2": (GPT2Config, GPT2LMHeadModel, gpt2),
    "gpt2-untied": (GPT2Config, GPT2LMHeadModel, dict(gpt2, n_inner=20, tie_word_embeddings=False, scale_attn_weights=False)),
    "neox": (GPTNeoXConfig, GPTNeoXForCausalLM, dict(shape, rope_parameters=rope("default", partial_rotary_factor=0.34))),
    "neox-sequential": (
        GPTNeoXConfig,
        GPTNeoXForCausalLM,
        dict(
            shape, use_parallel_residual=False, attention_bias=False, hidden_act="relu", tie_word_embeddings=True,
            rope_parameters=rope("linear", factor=2.0, partial_rotary_factor=1.0),
        ),
    ),
    "gemma3": (
        Gemma3TextConfig,
        Gemma3ForCausalLM,
        dict(grouped, sliding_window=4, layer_types=["sliding_attention", "full_attention"], query_pre_attn_scalar=9),
    ),
    "gemma3-scaled": (
        Gemma3TextConfig,
        Gemma3ForCausalLM,
        dict(
            grouped, sliding_window=3, layer_types=["full_attention", "sliding_attention"], tie_word_embeddings=False,
            rope_parameters={
                "full_attention": {"rope_type": "linear", "factor": 4.0, "rope_theta": 900.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 100.0},
            },
        ),
    ),
}


def numbers(tensor):
    return [float(f"{value:.7g}") for value in tensor.detach().flatten().tolist()]


shutil.rmtree(folder, ignore_errors=True)
for seed, (name, (config_class, model_class, settings)) in enumerate(models.items()):
    torch.manual_seed(seed)
    model = model_class(config_class(**settings, attn_implementation="eager")).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.copy_(1 + 0.3 * torch.randn_like(parameter))
            else:
                parameter.copy_(1.5 * torch.randn_like(parameter) / parameter.shape[1] ** 0.5)
    model.save_pretrained(folder / name)
    (folder / name / "generation_config.json").unlink(missing_ok=True)
    model = model.double()
    tokens = torch.randint(0, 19, (1, length))
    logits = model(tokens, use_cache=False).logits
    loss = torch.nn.functional.cross_entropy(logits[0, :-1], tokens[0, 1:])
    loss.backward()
    golden = {
        "tokens": tokens[0].tolist(),
        "logits": numbers(logits),
        "loss": loss.item(),
        # Files name GPT-NeoX's head otherwise than its class does.
        "gradients": {
            key.replace("lm_head", "embed_out") if "neox" in name else key: numbers(value.grad)
            for key, value in model.named_parameters()
        },
    }
    (folder / name / "golden.json").write_text(json.dumps(golden))
