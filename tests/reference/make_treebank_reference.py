#!/usr/bin/env python3
"""Writes tests/data/treebank_reference.jsonl: texts and the tokens that NLTK 3.2.5's word_tokenize gives for one sentence.

    pip install --no-deps --target FOLDER nltk==3.2.5
    make_treebank_reference.py FOLDER > tests/data/treebank_reference.jsonl

Loads that version's own treebank.py alone (the package as a whole no longer runs under Python 3.11) and adds the three
rules that its nltk/tokenize/__init__.py inserts for word_tokenize.
"""
import importlib.util
import json
import random
import re
import sys
import types
from pathlib import Path

TRICKY = [
    "", " ", "a", "'", "''", "'''", "' '", "it's", "it's a dog's dinner", "the dogs' dinner", "dogs'", "'dogs", "'dogs'", "rock 'n' roll",
    "we'll they're i've i'm he'd don't", "DON'T WE'LL THEY'RE I'VE", "can't cannot Cannot CANNOT cannots", "gonna gotta gimme lemme wanna wannabe",
    "I wanna", "d'ye mor'n mor'ning d'yet", "'tis 'twas 'Tis it'tis 'tisn't", "'tis'tis 'twas'tis 'tis'twas cannot'tis", "o'clock l'a 'em",
    "a''b", "a'' b", "''a", "a 's b's 's", "s's's s's ", "a' ' b' '", "x' y' 'z '", "n't n't", "ain't've", "y'all'd've", "who'd've ",
    "a, b", "1,000, and 2:30: x", "a,b", "a,,b", "a,", "a:", ",", ",,", ",:,", "a ,1", "...", "a...b", "a....", "etc. etc.", "U.S.A.", "end.", "end. ",
    "end.)", "end.' \"", "end..", ".", "a.'", "a.\n", "a.\t' ", "x; y@z #1 $5 10% a&b", "what?! no!", "\"quoted\" text", "say \"hi\"", "(\"x\")", "[\"x\"]",
    "``x''", "(a) [b] {c} <d>", "a--b", "a---b", "--", "«a» “b” ‘c’", "it’s ‘so’", "naïve café's", "東京 x's", "a\u00a0b\u2003c\u3000d", "tab\tand\nline",
    "three ' apostrophes '' in ''' a row", "can not", "(can't)", "it's.", "1's 2's", "a_'s", "gonna,", "wanna,", "wanna\tgo", "got tagotta",
    "a,٣ b", "a:५०,६ b, ٣", "a,² b:½ c,３ d,𝟘",
]
PIECES = ["a", "b", "it", "can", "cannot", "gonna", "wanna", "gotta", "d'ye", "mor'n", "'tis", "'twas", "n't", "'ll", "'re", "'ve", "'s", "'m", "'d", "'S",
          "N'T", "'", "'", "'", "''", '"', "`", "``", " ", " ", " ", " ", " ", ",", ":", ".", "...", ";", "%", "?", "!", "(", ")", "[", "<", ">", "--", "-", "1",
          "23", "“", "”", "’", "«", "»", "é", "_", "\t", "\n"]
# Characters above 127 that are white space, others that are no part of a word, and letters and digits.
WIDE = ["\u00a0", "\u2028", "\u3000", "\x85", "\x1c", "😀", "—", "…", "€", "²", "½", "é", "ß", "東", "が", "\u0301", "\u0915\u093f", "𝒳"]
BESIDE_WIDE = ["cannot", "Gonna", "wanna", "gimme", "'tis", "d'ye", "mor'n", "''", "'s", ".", "end.", " ", " ", "a"]


def word_rules(folder):
    """The tokenizer object that word_tokenize uses."""
    tokenize = Path(folder) / "nltk" / "tokenize"
    sys.modules["nltk.tokenize.api"] = types.SimpleNamespace(TokenizerI=object)
    sys.modules["nltk.tokenize.util"] = types.SimpleNamespace(align_tokens=None)
    spec = importlib.util.spec_from_file_location("treebank", tokenize / "treebank.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rules = module.TreebankWordTokenizer()
    rules.STARTING_QUOTES.insert(0, (re.compile("([«“‘])"), r" \1 "))
    rules.ENDING_QUOTES.insert(0, (re.compile("([»”’])"), r" \1 "))
    rules.PUNCTUATION.insert(0, (re.compile(r'([^\.])(\.)([\]\)}>"\'»”’ ]*)\s*$'), r"\1 \2 \3 "))
    return rules


def main():
    rules = word_rules(sys.argv[1])
    draw = random.Random(1)
    drawn = ["".join(draw.choices(PIECES, k=draw.randint(2, 16))) for _ in range(600)]
    wide = ["".join(draw.choice(BESIDE_WIDE) + draw.choice(WIDE) for _ in range(draw.randint(1, 6))) for _ in range(200)]
    for text in TRICKY + drawn + wide:
        print(json.dumps({"text": text, "tokens": rules.tokenize(text)}, ensure_ascii=False))


if __name__ == "__main__":
    main()
