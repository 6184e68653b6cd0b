"""Makes tokenizer.json and golden.json with the Hugging Face `tokenizers` library.

    pip install tokenizers==0.23.3 && python make_golden.py

tokenizer.json is trained on the corpus of golden.json; golden.json also holds nasty texts, each with
its ids and with its pieces as the ByteLevel pre-tokenizer spells them.
"""

import json
import pathlib
import random

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

here = pathlib.Path(__file__).parent
rng = random.Random(7)

corpus = [
    "Femp are more rony than glon. Glon are less rony than femp.",
    "All glon are tarbs, and all tarbs are skib: so all glon are skib.",
    "It's said they're rony; we've seen 12 glon, 123 femp and 4 more. I'd say they'll come, I'm sure.",
    "Les élèves français étaient très étonnés. Où êtes-vous né ? À Noël, naïveté.",
    "Съешь же ещё этих мягких французских булок, да выпей чаю. Булок больше нет.",
    "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。猫である。",
    "def main():\n    return 0\n\n\nif __name__ == '__main__':\n    main()\n",
    "aaaa aaa aaaaaa aa aaaaaaaa banana bananas ananas",
    "👍🏽 👩‍👩‍👧 👍🏽 ½ ¾ Ⅷ ٣٤٥ x² x³\u00a0x²",
    " ".join(
        rng.choice(["fe", "ro", "gl", "ta", "ski", "mo"]) + rng.choice(["mp", "ny", "on", "rb", "b"])
        for _ in range(400)
    ),
]

texts = corpus + [
    "", " ", "  ", "\n", " \n", "\n ", "a ", "a  ", " a", "  a", "   a b", "a\n\nb", "a \n b", "\t\ta",
    "a\u00a0b", "a\u00a0\u00a0b", "\u2003 \u3000x", "a\u0085b", "a\u200bb", "a\u2028b\u2029\u2029 c",
    "a\x1cb\x1f c\x0b\x0cd", "\x00\x01 \x7f", "'s", " 's", "'S it'S", "don't 'tis 'til ''s '' 'l 'll 'r",
    "we're'd've'm", "!'s x!'t", "'", "a'", "v'e 've", "<|endoftext|>x", " <|endoftext|>", "x<|endoftext|>"[:9],
    "1a2b 3 c", "12 345", "٣٤٥ १२३", "x²y½z", "ⅧⅨ Ⅷ", "a_b-c", "e\u0301 \u0301e", "İi̇ ß ẞ ǅ ʰ ª º",
    "한국어 조선말 \u1112\u1161\u11ab", "हिन्दी में", "ไทย ภาษา", "שָׁלוֹם مرحبا", "𝔘𝔫𝔦 𐍈 𠜎 𝟘𝟙", "🇩🇪🏴‍☠️ 👍🏽a",
    "\ufeffbom", "\ufffd\ufffe", "\U0010ffff\ue000", "a" * 100, "ab" * 60, "  " * 50 + "x", "!" * 90,
    "femp" * 40, "1" * 70, " " * 70, "\r\n\r\nx\r\n", "naïve café", "Å Å Å", "ﬁ ﬀ", "~`^|\\\"/",
]

tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
tokenizer.train_from_iterator(
    corpus,
    trainers.BpeTrainer(
        vocab_size=380,
        min_frequency=2,
        special_tokens=[AddedToken("<|endoftext|>", special=True, normalized=False)],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    ),
)
tokenizer.save(str(here / "tokenizer.json"), pretty=True)

# The special token's spelling is ordinary text to us: encode with a copy that does not know it.
plain = json.loads(tokenizer.to_str())
plain["added_tokens"] = []
plain = Tokenizer.from_str(json.dumps(plain))


def case(text):
    pieces = [piece for piece, _ in plain.pre_tokenizer.pre_tokenize_str(text)]
    return {"text": text, "pieces": pieces, "ids": plain.encode(text).ids}


golden = {"corpus": corpus, "cases": [case(text) for text in texts]}
(here / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")
