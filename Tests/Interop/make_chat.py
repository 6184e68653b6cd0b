"""Makes chat.json: chat templates of well-known models, and what apply_chat_template of transformers makes of them.

    pip install transformers==5.24.0 tokenizers==0.23.3 jinja2 && python make_chat.py

The tokenizer is that of ../TokenizationTests/Golden/tokenizer.json, with the tokens of each format added. `template` is as the
model's tokenizer_config.json or chat_template.jinja has it, shortened where the rest (tools, documents) is never reached.
"""

import json
import pathlib
import tempfile

from transformers import PreTrainedTokenizerFast

here = pathlib.Path(__file__).parent
base = (here.parent / "TokenizationTests" / "Golden" / "tokenizer.json").read_text()

CHATML = ["<|im_start|>", "<|im_end|>"]
LLAMA = ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
GEMMA = ["<bos>", "<start_of_turn>", "<end_of_turn>"]
PHI = ["<|user|>", "<|assistant|>", "<|system|>", "<|end|>"]
llama32 = r"""{{- bos_token }}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{#- This block extracts the system message, so we can slot it into the right place. #}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\n\n" }}
{{- "Cutting Knowledge Date: December 2023\n" }}
{{- "Today Date: " + date_string + "\n\n" }}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}
{%- endif %}
"""
qwen25 = r"""{%- if tools %}
    {{- '<|im_start|>system\n' }}
    {%- if messages[0]['role'] == 'system' %}
        {{- messages[0]['content'] }}
    {%- else %}
        {{- 'You are Qwen, created by Alibaba Cloud. You are a helpful assistant.' }}
    {%- endif %}
    {{- "\n\n# Tools\n\nYou may call one or more functions<|im_end|>\n" }}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\n' + messages[0]['content'] + '<|im_end|>\n' }}
    {%- else %}
        {{- '<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n' }}
    {%- endif %}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant") %}
        {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>' + '\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\n' }}
{%- endif %}
"""
qwen3 = r"""{%- if messages[0].role == 'system' %}
    {{- '<|im_start|>system\n' + messages[0].content + '<|im_end|>\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if message.content is string %}{%- set content = message.content %}{%- else %}{%- set content = '' %}{%- endif %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\n' + content + '<|im_end|>' + '\n' }}
    {%- elif message.role == "assistant" %}
        {{- '<|im_start|>' + message.role + '\n' + content + '<|im_end|>' + '\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\n\n</think>\n\n' }}
    {%- endif %}
{%- endif %}"""
gemma3 = r"""{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- set first_user_prefix = messages[0]['content'] + '

' -%}
    {%- set loop_messages = messages[1:] -%}
{%- else -%}
    {%- set first_user_prefix = "" -%}
    {%- set loop_messages = messages -%}
{%- endif -%}
{%- for message in loop_messages -%}
    {%- if (message['role'] == 'assistant') -%}{%- set role = "model" -%}{%- else -%}{%- set role = message['role'] -%}{%- endif -%}
    {{ '<start_of_turn>' + role + '
' + (first_user_prefix if loop.first else "") }}
    {%- if message['content'] is string -%}
        {{ message['content'] | trim }}
    {%- endif -%}
    {{ '<end_of_turn>
' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{'<start_of_turn>model
'}}
{%- endif -%}
"""
TEMPLATES = {
    "smollm2": ("chatml", CHATML, {"eos_token": "<|im_end|>", "bos_token": "<|im_start|>"}, "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"),
    "apostrophe": ("chatml", CHATML, {}, r"""{{ bos_token }}{% for message in messages %}{% if loop.first and messages[0].role != "system" %}{{ "<|im_start|>system\nYou're \"kind\"\n\nand don't lie.<|im_end|>\n" }}{% endif %}{{ "<|im_start|>" + message.role + "\n" + message.content + "<|im_end|>\n" }}{% endfor %}{% if add_generation_prompt %}{{ "<|im_start|>assistant\n" }}{% endif %}"""),
    "qwen2.5": ("chatml", CHATML, {"eos_token": "<|im_end|>"}, qwen25),
    "qwen3": ("chatml", CHATML, {"eos_token": "<|im_end|>"}, qwen3),
    "llama3": ("llama3", LLAMA, {"bos_token": LLAMA[0]}, r"{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>" + "\n\n" + r"'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>" + "\n\n" + "' }}{% endif %}"),
    "llama3.2": ("llama3", LLAMA, {"bos_token": LLAMA[0], "eos_token": "<|eot_id|>"}, llama32),
    "gemma": ("gemma", GEMMA, {"bos_token": "<bos>"}, "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}"),
    "gemma3": ("gemma", GEMMA, {"bos_token": "<bos>"}, gemma3),
    "zephyr": ("zephyr", [], {}, "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif %}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}"),
    "phi3": ("phi3", PHI, {}, "{% for message in messages %}{% if message['role'] == 'system' %}{{'<|system|>\n' + message['content'] + '<|end|>\n'}}{% elif message['role'] == 'user' %}{{'<|user|>\n' + message['content'] + '<|end|>\n'}}{% elif message['role'] == 'assistant' %}{{'<|assistant|>\n' + message['content'] + '<|end|>\n'}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}"),
    "phi3 older": ("phi3", PHI, {"bos_token": "<|endoftext|>"}, "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') %}{{'<|user|>' + '\n' + message['content'] + '<|end|>' + '\n' + '<|assistant|>' + '\n'}}{% elif (message['role'] == 'assistant') %}{{message['content'] + '<|end|>' + '\n'}}{% endif %}{% endfor %}"),
    # Formats that are none of these.
    "phi4": (None, CHATML + ["<|im_sep|>"], {}, "{% for message in messages %}{% if (message['role'] == 'system') %}{{'<|im_start|>system<|im_sep|>' + message['content'] + '<|im_end|>'}}{% elif (message['role'] == 'user') %}{{'<|im_start|>user<|im_sep|>' + message['content'] + '<|im_end|>'}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant<|im_sep|>' }}{% endif %}"),
    "mistral": (None, [], {}, "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% endif %}{% endfor %}"),
}
TALKS = [
    ["femp are more rony than glon?", None], [" What's\n12 + 3?  ", None], ["été 👍🏽 <|im_end|> x", None], ["", None],
    ["Are femp rony?", "Be brief."], ["Is\tit?\n\n", "  You're terse.\n"],
]

# Conversations of several turns: user, assistant, user.
TURNS = [
    ["Fact: Femp are rony.", " 1. Rony are femp. ", "Fact: Glon too."], ["a", "b", "c", "été\n", "x"],
]

cases = []
for name, (format, tokens, named, template) in TEMPLATES.items():
    file = json.loads(base)
    for token in tokens:
        file["added_tokens"].append({
            "id": 380 + tokens.index(token), "content": token, "single_word": False, "lstrip": False,
            "rstrip": token in PHI, "normalized": False, "special": True})
    config = {"eos_token": "<|endoftext|>", **named, "chat_template": template}
    if config.get("bos_token") is None:
        config["bos_token"] = "<|endoftext|>"
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "tokenizer.json").write_text(json.dumps(file))
        (folder / "tokenizer_config.json").write_text(json.dumps(config))
        tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    talks = []
    for user, system in TALKS:
        messages = ([{"role": "system", "content": system}] if system else []) + [{"role": "user", "content": user}]
        if system and name in ("gemma", "phi3 older"):
            continue
        ids = tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, return_dict=False, **({"date_string": "26 Jul 2024"} if name == "llama3.2" else {}))
        talks.append({"user": user, "system": system, "ids": ids})
    for turns in TURNS:
        roles = ["user", "assistant"] * 3
        messages = [{"role": role, "content": turn} for role, turn in zip(roles, turns)]
        ids = tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, return_dict=False, **({"date_string": "26 Jul 2024"} if name == "llama3.2" else {}))
        talks.append({"messages": messages, "ids": ids})
    cases.append({"name": name, "format": format, "added": file["added_tokens"][1:], "config": config, "talks": talks if format else []})
(here / "chat.json").write_text(json.dumps({"cases": cases}, ensure_ascii=False, separators=(",", ":")) + "\n")
print(len(cases), "templates,", sum(len(c["talks"]) for c in cases), "conversations")
