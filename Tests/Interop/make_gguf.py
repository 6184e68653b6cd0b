"""Writes the GGUF files of the tests with the `gguf` package of llama.cpp.

    pip install gguf==0.19.0 && python make_gguf.py

`models/NAME.gguf`: the models in `models/NAME/` as llama.cpp's converter names, orders and permutes them.
`../ModelFilesTests/Golden/types.gguf`: two blocks of every type that is read, of random bytes, and beside
each the floats that the package makes of them.
`../ModelFilesTests/Golden/quantised.gguf`: floats, and what the package makes of them in the types that are written.
"""

import json
import pathlib

import gguf
import numpy

HERE = pathlib.Path(__file__).parent
NAMES = {
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm", "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}


def tensors(folder):
    """Every tensor of a folder as float32, whatever its type."""
    result = {}
    for file in sorted(folder.glob("model*.safetensors")):
        data = file.read_bytes()
        size = int.from_bytes(data[:8], "little")
        for name, entry in json.loads(data[8 : 8 + size]).items():
            if name == "__metadata__":
                continue
            first, last = (8 + size + offset for offset in entry["data_offsets"])
            raw = data[first:last]
            if entry["dtype"] == "BF16":
                floats = (numpy.frombuffer(raw, "<u2").astype("<u4") << 16).view("<f4")
            else:
                floats = numpy.frombuffer(raw, {"F32": "<f4", "F16": "<f2"}[entry["dtype"]]).astype("<f4")
            result[name] = floats.reshape(entry["shape"])
    return result


def convert(name, architecture, pre):
    folder = HERE / "models" / name
    config = json.loads((folder / "config.json").read_text())
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    writer = gguf.GGUFWriter(HERE / "models" / f"{name}.gguf", architecture)
    heads, groups = config["num_attention_heads"], config["num_key_value_heads"]
    head_size = config.get("head_dim") or config["hidden_size"] // heads
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(groups)
    writer.add_key_length(head_size)
    writer.add_value_length(head_size)
    writer.add_rope_dimension_count(head_size)
    writer.add_rope_freq_base((config.get("rope_parameters") or config)["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])
    added = {token["id"]: token for token in tokenizer["added_tokens"]}
    words = {id: word for word, id in tokenizer["model"]["vocab"].items()}
    words |= {id: token["content"] for id, token in added.items()}
    tokens, types = [], []
    for id in range(config["vocab_size"]):
        tokens.append(words.get(id, f"[PAD{id}]"))
        kind = gguf.TokenType.UNUSED
        if id in added:
            kind = gguf.TokenType.CONTROL if added[id]["special"] else gguf.TokenType.USER_DEFINED
        elif id in words:
            kind = gguf.TokenType.NORMAL
        types.append(kind)
    merges = [m if isinstance(m, str) else " ".join(m) for m in tokenizer["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(merges)
    end = config["eos_token_id"]
    writer.add_eos_token_id(end[0] if isinstance(end, list) else end)
    writer.add_add_bos_token(False)
    for name, tensor in tensors(folder).items():
        parts = name.split(".")
        if name == "lm_head.weight" and config["tie_word_embeddings"]:
            continue
        if parts[1:2] == ["layers"]:
            own = f"blk.{parts[2]}.{NAMES['.'.join(parts[3:-1])]}.{parts[-1]}"
        else:
            own = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
                   "lm_head.weight": "output.weight"}[name]
        # LlamaModel.permute of convert_hf_to_gguf.py.
        if architecture == "llama" and (".attn_q." in own or ".attn_k." in own):
            count = heads if ".attn_q." in own else groups
            shape = tensor.shape
            tensor = tensor.reshape(count, 2, shape[0] // count // 2, *shape[1:]).swapaxes(1, 2).reshape(shape)
        writer.add_tensor(own, numpy.ascontiguousarray(tensor))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def types():
    random = numpy.random.default_rng(7)
    writer = gguf.GGUFWriter(HERE / "../ModelFilesTests/Golden/types.gguf", "none")
    kinds = gguf.GGMLQuantizationType
    for kind in [kinds.F16, kinds.BF16, kinds.Q8_0, kinds.Q4_0, kinds.Q4_1, kinds.Q5_0, kinds.Q5_1, kinds.Q4_K,
                 kinds.Q5_K, kinds.Q6_K]:
        block, size = gguf.GGML_QUANT_SIZES[kind]
        count = 512 // block
        raw = random.integers(0, 256, (3, count * size), dtype=numpy.uint8)
        # The scales, which are halves, are made small and finite; floats keep random bits but are finite.
        places = {kinds.F16: [0], kinds.BF16: [0], kinds.Q8_0: [0], kinds.Q4_0: [0], kinds.Q4_1: [0, 2],
                  kinds.Q5_0: [0], kinds.Q5_1: [0, 2], kinds.Q4_K: [0, 2], kinds.Q5_K: [0, 2], kinds.Q6_K: [208]}
        for row in raw:
            for first in range(0, len(row), size):
                for place in places[kind]:
                    row[first + place + 1] = (row[first + place + 1] & 0x83) | 0x28
        writer.add_tensor(kind.name, raw, raw_dtype=kind)
        floats = gguf.quants.dequantize(raw, kind).astype("<f4").reshape(3, 512)
        writer.add_tensor(kind.name + ".expected", numpy.ascontiguousarray(floats))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def quantised():
    """Floats, and the bytes that the package makes of them in the types that Recto writes."""
    random = numpy.random.default_rng(8)
    kinds = gguf.GGMLQuantizationType
    floats = (random.standard_normal((12, 64)) * 10.0 ** random.integers(-6, 4, (12, 1))).astype("<f4")
    # Halves between two integers, zeros, ties of bfloat16, and numbers below the least half.
    floats[1, :32] = (numpy.arange(32) - 16) / 2
    floats[1, 0] = 127
    floats[2] = 0
    floats[3] = (random.integers(0x3F000000, 0x40000000, 64, dtype="<u4") & 0xFFFF0000 | 0x8000).view("<f4")
    floats[4] *= numpy.float32(1e-9)
    floats[5, ::2] = -floats[5, 1::2]
    writer = gguf.GGUFWriter(HERE / "../ModelFilesTests/Golden/quantised.gguf", "none")
    writer.add_tensor("floats", floats)
    for kind in [kinds.F16, kinds.BF16, kinds.Q8_0]:
        raw = gguf.quants.quantize(floats, kind)
        writer.add_tensor(kind.name, numpy.ascontiguousarray(raw).view(numpy.uint8), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    types()
    quantised()
    convert("smollm", "llama", "smollm")
    convert("qwen2", "qwen2", "qwen2")
    convert("qwen3", "qwen3", "gpt-2")
