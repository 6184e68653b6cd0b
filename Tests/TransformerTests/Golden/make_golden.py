"""Makes llama.json, llama-scaled.json, qwen2.json, qwen3.json and those of tied models with Hugging Face
transformers.

    pip install torch==2.15.0 transformers==5.23.0 && python make_golden.py

Each file holds a tiny model's configuration and random parameters, a batch with loss weights, and what
PyTorch computes in double precision: logits, the weighted mean loss, the gradient of every parameter,
and the parameters after three AdamW steps on that batch, gradients clipped.
"""

import json
import pathlib

import torch
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

here = pathlib.Path(__file__).parent

shape = dict(
    vocab_size=23,
    hidden_size=20,
    intermediate_size=28,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    head_dim=6,
    max_position_embeddings=16,
    rms_norm_eps=1e-5,
    hidden_act="silu",
    bos_token_id=0,
    eos_token_id=0,
    pad_token_id=None,
)
theta = 500.0
# Of the three pairs of a head one is slow, one fast, and one between.
scaling = dict(factor=4.0, low_freq_factor=0.05, high_freq_factor=1.0, original_max_position_embeddings=8)
optimizer = dict(
    steps=3,
    learning_rate=0.01,
    beta1=0.9,
    beta2=0.95,
    epsilon=1e-8,
    weight_decay=0.1,
    maximum_gradient_norm=1.0,
)


def values(tensor, digits):
    return [float(f"{value:.{digits}g}") for value in tensor.detach().flatten().tolist()]


def make(name, config_class, model_class, tied, seed, scaled=False):
    torch.manual_seed(seed)
    # Qwen2 has biases on queries, keys and values and no switch for them.
    bias = {} if model_class is Qwen2ForCausalLM else {"attention_bias": False}
    rope = {"rope_type": "llama3", **scaling} if scaled else {"rope_type": "default"}
    config = config_class(
        **shape,
        **bias,
        rope_parameters={**rope, "rope_theta": theta},
        tie_word_embeddings=tied,
        attn_implementation="eager",
    )
    model = model_class(config).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.copy_(1 + 0.2 * torch.randn_like(parameter))
            else:
                parameter.copy_(torch.randn_like(parameter) / parameter.shape[1] ** 0.5)
            parameter.copy_(torch.round(parameter * 1e4) / 1e4)
            parameter.copy_(parameter.float().double())  # what single precision holds

    rows, length = 3, 9
    tokens = torch.randint(0, config.vocab_size, (rows, length))
    targets = torch.randint(0, config.vocab_size, (rows, length))
    weights = torch.tensor([0.0, 1.0, 1.0, 0.5, 0.0, 2.0, 1.0, 0.0, 1.0] * rows).view(rows, length)
    weights[1] = 1
    weights = weights.double()

    def loss_of(logits):
        losses = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), targets.flatten(), reduction="none"
        )
        return (losses * weights.flatten()).sum() / weights.sum()

    parameters = {
        key: [round(number, 4) for number in value.flatten().tolist()]
        for key, value in model.named_parameters()
    }
    shapes = {key: list(value.shape) for key, value in model.named_parameters()}
    logits = model(tokens, use_cache=False).logits
    loss = loss_of(logits)
    loss.backward()
    gradients = {key: values(value.grad, 6) for key, value in model.named_parameters()}

    decayed = [parameter for parameter in model.parameters() if parameter.dim() == 2]
    others = [parameter for parameter in model.parameters() if parameter.dim() != 2]
    adam = torch.optim.AdamW(
        [
            {"params": decayed, "weight_decay": optimizer["weight_decay"]},
            {"params": others, "weight_decay": 0.0},
        ],
        lr=optimizer["learning_rate"],
        betas=(optimizer["beta1"], optimizer["beta2"]),
        eps=optimizer["epsilon"],
    )
    norms = []
    for _ in range(optimizer["steps"]):
        adam.zero_grad()
        loss_of(model(tokens, use_cache=False).logits).backward()
        limit = optimizer["maximum_gradient_norm"]
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), limit).item())
        adam.step()

    golden = {
        "configuration": {
            "architecture": model_class.__name__,
            "rope_theta": theta,
            "tie_word_embeddings": tied,
            **({"rope_scaling": scaling} if scaled else {}),
            **{key: value for key, value in shape.items() if type(value) in (int, float)},
        },
        "row_length": length,
        "tokens": tokens.flatten().tolist(),
        "targets": targets.flatten().tolist(),
        "weights": weights.flatten().tolist(),
        "shapes": shapes,
        "parameters": parameters,
        "logits": values(logits, 7),
        "loss": loss.item(),
        "gradients": gradients,
        "optimizer": optimizer,
        "gradient_norms": norms,
        "updated": {key: values(value, 7) for key, value in model.named_parameters()},
    }
    text = json.dumps(golden, separators=(",", ":")).replace('"model.', '\n"model.')
    (here / f"{name}.json").write_text(text + "\n")
    print(name, loss.item(), norms)


for seed, (name, config_class, model_class) in enumerate(
    [("llama", LlamaConfig, LlamaForCausalLM), ("qwen3", Qwen3Config, Qwen3ForCausalLM)]
):
    make(name, config_class, model_class, tied=False, seed=seed)
    make(f"{name}-tied", config_class, model_class, tied=True, seed=seed + 10)
make("qwen2", Qwen2Config, Qwen2ForCausalLM, tied=False, seed=2)
make("llama-scaled", LlamaConfig, LlamaForCausalLM, tied=False, seed=3, scaled=True)
