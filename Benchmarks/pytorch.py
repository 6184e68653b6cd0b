"""Times one workload in PyTorch and prints the seconds as one line of JSON, for compare.py.

The model is Llama's architecture with query/key norm, rotary positions and SwiGLU, as Recto's.
"""

import json
import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


class RMSNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return F.rms_norm(x, (x.shape[-1],), self.weight, 1e-6)


class Layer(nn.Module):
    def __init__(self, d, f, heads):
        super().__init__()
        self.heads, self.size = heads, d // heads
        self.norm1, self.norm2 = RMSNorm(d), RMSNorm(d)
        self.q_norm, self.k_norm = RMSNorm(self.size), RMSNorm(self.size)
        self.qkv = nn.Linear(d, 3 * d, bias=False)
        self.out = nn.Linear(d, d, bias=False)
        self.gate_up = nn.Linear(d, 2 * f, bias=False)
        self.down = nn.Linear(f, d, bias=False)

    def forward(self, x, cos, sin, prefix=None, kept=None):
        b, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, self.size).permute(2, 0, 3, 1, 4)

        def rotate(y):
            first, second = y.chunk(2, -1)
            return y * cos + torch.cat((-second, first), -1) * sin

        q, k = rotate(self.q_norm(q)), rotate(self.k_norm(k))
        if kept is not None:
            kept.append((k, v))
        if prefix is None:
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            mixed = after_prefix(q, k, v, *prefix)
        x = x + self.out(mixed.transpose(1, 2).reshape(b, t, d))
        gate, up = self.gate_up(self.norm2(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


def after_prefix(q, k, v, prefix_k, prefix_v):
    """Attention of many short sequences after one prefix, whose part is one product for all of them."""
    b, heads, t, size = q.shape
    shared = prefix_k.shape[2]
    flat = q.transpose(0, 1).reshape(heads, b * t, size)
    before = (flat @ prefix_k[0].transpose(1, 2)).view(heads, b, t, shared).transpose(0, 1)
    hidden = torch.ones(t, t, dtype=torch.bool).triu(1)
    own = (q @ k.transpose(2, 3)).masked_fill(hidden, -torch.inf)
    p = (torch.cat((before, own), -1) * size**-0.5).softmax(-1)
    flat = p[..., :shared].transpose(0, 1).reshape(heads, b * t, shared)
    return (flat @ prefix_v[0]).view(heads, b, t, size).transpose(0, 1) + p[..., shared:] @ v


class Model(nn.Module):
    def __init__(self, d, f, layers, heads, vocab, context):
        super().__init__()
        self.embedding = nn.Embedding(vocab, d)
        self.layers = nn.ModuleList(Layer(d, f, heads) for _ in range(layers))
        self.norm = RMSNorm(d)
        self.head = nn.Linear(d, vocab, bias=False)
        size = d // heads
        angle = torch.outer(
            torch.arange(context).float(), 10000.0 ** (-torch.arange(0, size, 2).float() / size)
        )
        self.register_buffer("cos", torch.cat((angle, angle), -1).cos())
        self.register_buffer("sin", torch.cat((angle, angle), -1).sin())

    def forward(self, tokens, first=0, prefix=None, kept=None):
        """The residual stream after the last layer, normed."""
        x = self.embedding(tokens)
        places = slice(first, first + tokens.shape[1])
        for index, layer in enumerate(self.layers):
            own = prefix[index] if prefix is not None else None
            x = layer(x, self.cos[places], self.sin[places], own, kept)
        return self.norm(x)

    def loss(self, tokens, targets):
        return F.cross_entropy(self.head(self(tokens)).flatten(0, 1), targets.flatten())


def make(shape, context):
    torch.manual_seed(1)
    return Model(shape["d"], shape["f"], shape["layers"], shape["heads"], shape["vocab"], context)


def batch(shape):
    rows = torch.randint(0, shape["vocab"], (shape["rows"], shape["length"] + 1))
    return rows[:, :-1].contiguous(), rows[:, 1:].contiguous()


def train(shape, compiled):
    model = make(shape, shape["length"])
    loss = torch.compile(model.loss) if compiled else model.loss
    optimizer = adamw(model.parameters())
    tokens, targets = batch(shape)

    def run():
        loss(tokens, targets).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return run


def finetune(shape, compiled):
    """transformers' Llama, all parameters or peft's LoRA on every matrix of the layers."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(1)
    model = LlamaForCausalLM(LlamaConfig(
        vocab_size=shape["vocab"], hidden_size=shape["d"], intermediate_size=shape["f"],
        num_hidden_layers=shape["layers"], num_attention_heads=shape["heads"],
        num_key_value_heads=shape["key_value_heads"], max_position_embeddings=2048, tie_word_embeddings=True))
    if shape.get("recompute"):
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        model.config.use_cache = False
    if "rank" in shape:
        from peft import LoraConfig, get_peft_model

        model = get_peft_model(model, LoraConfig(
            r=shape["rank"], lora_alpha=2 * shape["rank"], target_modules="all-linear", task_type="CAUSAL_LM"))
    model.train()
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = adamw(trained)
    rows = torch.randint(0, shape["vocab"], (shape["rows"], shape["length"]))

    def loss():
        return model(input_ids=rows, labels=rows, use_cache=False).loss

    loss = torch.compile(loss) if compiled else loss

    def run():
        loss().backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return run


def adamw(parameters):
    return torch.optim.AdamW(parameters, lr=1e-3, betas=(0.9, 0.95), weight_decay=0.0, fused=True)


def evaluate(shape, compiled):
    model = make(shape, shape["length"])
    loss = torch.compile(model.loss) if compiled else model.loss
    tokens, targets = batch(shape)

    @torch.no_grad()
    def run():
        loss(tokens, targets)

    return run


def update(shape, compiled, muon, single=False):
    if single:
        # PyTorch's iteration always turns its matrix into this type, and has no option for another.
        torch.bfloat16 = torch.float32
    model = make(shape, shape["length"])
    for p in model.parameters():
        p.grad = torch.rand_like(p) * 0.02 - 0.01
    if muon:
        hidden = [p for p in model.layers.parameters() if p.ndim == 2]
        chosen = set(hidden)
        optimizers = [
            torch.optim.Muon(hidden, lr=0.02, weight_decay=0.0),
            adamw([p for p in model.parameters() if p not in chosen]),
        ]
    else:
        optimizers = [adamw(model.parameters())]

    def run():
        for optimizer in optimizers:
            optimizer.step()

    return torch.compile(run) if compiled else run


def choices(shape):
    """A prompt of 1,000 tokens, a hundred questions of 8 tokens with two choices of 4 each."""
    vocab = shape["vocab"]
    prompt = torch.tensor([[i * 7919 % vocab for i in range(1000)]])
    rows = [
        [(i // 2 * 31 + j * 17) % vocab for j in range(8)] + [(i * 13 + j * 5) % vocab for j in range(4)]
        for i in range(200)
    ]
    return prompt, torch.tensor(rows)


def log_likelihoods(model, output, rows):
    """Of the four tokens of each choice, from the stream at the places before them."""
    logits = model.head(output[:, -5:-1])
    return -F.cross_entropy(logits.flatten(0, 1), rows[:, 8:].flatten(), reduction="none")


def score(shape, compiled):
    model = make(shape, 2048)
    forward = torch.compile(model) if compiled else model
    prompt, rows = choices(shape)

    @torch.no_grad()
    def run():
        kept = []
        forward(prompt, kept=kept)
        return log_likelihoods(model, forward(rows, first=1000, prefix=kept), rows)

    return run


def score_again(shape, compiled):
    """The prompt is run again before each question; four questions at a time."""
    model = make(shape, 2048)
    forward = torch.compile(model) if compiled else model
    prompt, rows = choices(shape)

    @torch.no_grad()
    def run():
        for part in rows.split(8):
            whole = torch.cat((prompt.expand(len(part), -1), part), 1)
            log_likelihoods(model, forward(whole), part)

    return run


def decode(folder):
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    model.generation_config.eos_token_id = None
    start = torch.tensor([[0]])

    @torch.no_grad()
    def run():
        tokens = model.generate(start, max_new_tokens=200, min_new_tokens=200, do_sample=False, pad_token_id=0)
        assert tokens.shape == (1, 201)

    return run


def main():
    task = json.loads(sys.argv[1])
    torch.set_num_threads(task["threads"])
    torch.manual_seed(1)
    shape, compiled = task.get("shape"), task["compiled"]
    workloads = {
        "train": lambda: train(shape, compiled),
        "finetune": lambda: finetune(shape, compiled),
        "evaluate": lambda: evaluate(shape, compiled),
        "adamw": lambda: update(shape, compiled, muon=False),
        "muon": lambda: update(shape, compiled, muon=True),
        "muon, single": lambda: update(shape, compiled, muon=True, single=True),
        "score": lambda: score(shape, compiled),
        "score again": lambda: score_again(shape, compiled),
        "decode": lambda: decode(task["model"]),
    }
    run = workloads[task["workload"]]()
    for _ in range(task["warmups"]):
        run()
    seconds = []
    for _ in range(task["repetitions"]):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts kibibytes
    print(json.dumps({"seconds": seconds, "version": torch.__version__, "peak_memory": peak}))


if __name__ == "__main__":
    main()
