#!/usr/bin/env python3
"""Makes a model folder of SmolLM2-135M's shape with random weights, to try fine-tuning at that size.

    python3 make_smollm.py FOLDER [TOKENIZER]

TOKENIZER is a folder with tokenizer.json, the shipped model's where none is named; its tokens may be fewer than the 49,152 of the
embedding. Needs torch and transformers, as compare.py installs them.
"""

import pathlib
import shutil
import sys

import torch
from transformers import LlamaConfig, LlamaForCausalLM

here = pathlib.Path(__file__).resolve().parent
folder = pathlib.Path(sys.argv[1])
tokenizer = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else here.parent / "models" / "recto"
torch.manual_seed(1)
config = LlamaConfig(
    vocab_size=49152, hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
    num_key_value_heads=3, max_position_embeddings=8192, rope_theta=100000.0, rms_norm_eps=1e-5, initializer_range=0.041666666666666664,
    tie_word_embeddings=True, bos_token_id=0, eos_token_id=0)
model = LlamaForCausalLM(config).to(torch.bfloat16)
model.save_pretrained(folder)
for name in ("tokenizer.json", "tokenizer_config.json"):
    shutil.copy(tokenizer / name, folder / name)
print(f"{sum(p.numel() for p in model.parameters()):,} parameters in {folder}")
