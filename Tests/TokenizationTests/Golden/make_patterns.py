"""Makes patterns/*.json and troubles.json with the Hugging Face `tokenizers` library.

    pip install tokenizers==0.23.3 && python make_patterns.py

For each way to split text that Recto reads (GPT-2, SmolLM, Llama 3, Qwen2) there is a small tokenizer, trained on the
corpus of golden.json, and what the library encodes with it: 10,000 strings joined from the snippets
of troubles.json, by the same random numbers that the test draws. Of those the first 100 strings' ids stand in full, and
for all of them a checksum per hundred.
"""

import json
import pathlib

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

here = pathlib.Path(__file__).parent
(here / "patterns").mkdir(exist_ok=True)
corpus = json.loads((here / "golden.json").read_text())["corpus"]

SNIPPETS = [
    " ", "  ", "   ", "\n", "\r\n", "\r", "\n\n", " \n", "\n ", " \n \n  ", "\t", "\t\t", "\x0b", "\x0c", "\x1c", "\x1f", "\x00", "\x7f",
    "\u00a0", "\u00a0\u00a0", "\u2003", "\u3000", "\u0085", "\u200b", "\u2028", "\u2029", "\u200d", "\ufeff", "\ufffd", "\ufffe", "\u00ad",
    "a", "b", "I", "ab", "femp", " femp", " glon", "Glon", "rony", "more", " are", "the", "é", "e\u0301", "\u0301", "ñ", "n\u0303", "Å", "\u212b",
    "A\u030a", "ﬁ", "ﬀ", "ß", "ẞ", "İ", "i̇", "ı", "ǅ", "ʰ", "ª", "º", "ſ", "'ſ", "ﬆ", "'s", "'S", "'t", "'T", "'re", "'RE", "'rE", "'ve", "'m", "'M",
    "'ll", "'LL", "'lL", "'d", "'D", "'", "''", "' s", "’s", "‘", "“q”", "!", "?!", "...", ".", ",", ";", "-", "--", "_", "__", "#", "##", "$", "%",
    "&", "(", ")", "()", "*", "+", "/", "//", "\\", ":", "<", ">", "=", "==", "@", "[", "]", "{}", "^", "`", "|", "~", "\"", "¡", "§", "«", "»", "—",
    "…", "€", "£", "¥", "₿", "©", "™", "°", "±", "×", "÷", "∑", "→", "≠", "█", "0", "1", "12", "123", "1234", "12345", "3.14", "1,000", "٣", "٣٤٥",
    "१२३", "²", "x²", "½", "Ⅷ", "Ⅸ", "①", "𝟘𝟙", "๓", "一", "二〇", "съешь", " Булок", "Ё", "猫", "吾輩は猫である", "。", "、", "ひらがな", "カタカナ", "ｶﾞ",
    "한국어", "조선", "\u1112\u1161\u11ab", "हिन्दी", "में", "ไทย", "ภาษา", "שָׁלוֹם", "مرحبا", "العربية", "\u0651", "ქართული", "հայ", "ελληνικά", "Ἀ", "ᾳ", "𝔘𝔫𝔦", "𐍈", "𠜎",
    "👍", "👍🏽", "👩‍👩‍👧", "🇩🇪", "🏴‍☠️", "❤️", "☺", "\U0010ffff", "\ue000", "\u0378", "\u200e", "\u202e", "\u2066", "<|endoftext|>", "<|endoftext", "|>",
    "<|begin|>", " <|begin|> ", "<tool>", " <tool> ", "<tools>", "<mask>", "  <mask>  ", "x<mask>y", "word", "words", " word ", "aword", "Ünï", "u\u0308n",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "banana", "bananas", "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!", "http://a.b/c?d=e&f", "def f(x):\n    return x\n",
    "{\"a\": [1, 2]}", "a_b", "aB", "camelCase", "SHOUT", "été", "Noël", "naïve", "e\u0302\u0301", "\u1e69", "s\u0323\u0307", "s\u0307\u0323", "\uac00", "\u1100\u1161", "\u0344", "\u2126",
]
COUNT = 10_000


def random_numbers(state):
    """SplitMix64."""
    mask = (1 << 64) - 1
    while True:
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        yield z ^ (z >> 31)


def strings():
    draw = random_numbers(20)
    return [
        "".join(SNIPPETS[next(draw) % len(SNIPPETS)] for _ in range(1 + next(draw) % 12)) for _ in range(COUNT)
    ]


def checksum(lists):
    """FNV-1a over ids, each list after its length."""
    value = 2166136261
    for ids in lists:
        for number in [len(ids), *ids]:
            value = ((value ^ number) * 16777619) & 0xFFFFFFFF
    return value


def split(numbers):
    expression = (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|" + numbers
        + r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(expression), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def make(name, pre_tokenizer, normalizer=None, ignore_merges=False, template=False, lines=False):
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=420, min_frequency=2, special_tokens=[AddedToken("<|endoftext|>", special=True, normalized=False)],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.add_special_tokens([AddedToken("<|begin|>", special=True, normalized=False)])
    tokenizer.add_tokens([
        AddedToken("<tool>", normalized=False), AddedToken("<tools>", normalized=False),
        AddedToken("<mask>", lstrip=True, rstrip=True, normalized=False),
        AddedToken("word", single_word=True, normalized=True), AddedToken("été", normalized=True)])
    if template:
        tokenizer.post_processor = processors.Sequence([
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(
                single="<|begin|> $A", pair="<|begin|> $A <|begin|>:1 $B:1",
                special_tokens=[("<|begin|>", tokenizer.token_to_id("<|begin|>"))])])
    file = json.loads(tokenizer.to_str())
    if ignore_merges:
        # A token that no merge makes, and one too long for a table of short words.
        for spelling in ("ĠnoĠmerge", "abcdefghijklmnopqrstuvwxyz", "camelCase"):
            file["model"]["vocab"][spelling] = len(file["model"]["vocab"]) + 7
        vocabulary = file["model"]["vocab"]
        renumbered = {t["content"]: t for t in file["added_tokens"] if t["content"] not in vocabulary}
        for spelling, number in zip(sorted(vocabulary, key=vocabulary.get), range(len(vocabulary))):
            vocabulary[spelling] = number
        for number, token in enumerate(renumbered.values(), len(vocabulary)):
            token["id"] = number
        for token in file.get("post_processor", {}).get("processors", []):
            for special in token.get("special_tokens", {}).values():
                special["ids"] = [renumbered["<|begin|>"]["id"]]
    if lines:
        file["model"]["merges"] = [" ".join(pair) for pair in file["model"]["merges"]]
    tokenizer = Tokenizer.from_str(json.dumps(file))
    texts = strings() + (["no merge", " no merge", "abcdefghijklmnopqrstuvwxyz", "camelCase"] if ignore_merges else [])
    plain = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
    golden = {
        "tokenizer": file,
        "first": plain[:100],
        "checksums": [checksum(plain[i:i + 100]) for i in range(0, COUNT, 100)],
        "last": plain[COUNT:],
        "templated": [tokenizer.encode(text).ids for text in texts[:20]],
    }
    path = here / "patterns" / f"{name}.json"
    path.write_text(json.dumps(golden, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(name, path.stat().st_size, sum(map(len, plain)))


(here / "troubles.json").write_text(json.dumps(SNIPPETS, ensure_ascii=True) + "\n")
digits = pre_tokenizers.Sequence([
    pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
make("gpt2", pre_tokenizers.ByteLevel(add_prefix_space=False), lines=True)
make("smollm", digits)
make("llama3", split(r"\p{N}{1,3}"), ignore_merges=True, template=True)
make("qwen2", split(r"\p{N}"), normalizer=normalizers.NFC())
