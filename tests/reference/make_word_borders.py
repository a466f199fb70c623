#!/usr/bin/env python3
"""Writes src/data/word_borders.cpp: the characters above 127 that are no \\w of Python's regular expressions, and those
that are \\d.

    make_word_borders.py | clang-format > src/data/word_borders.cpp        (made with Python 3.11, Unicode 14)

Unassigned code points between two that are no \\w count with them, which makes fewer ranges.
"""
import re
import unicodedata

LAST = 0x10FFFF


def ranges():
    start = end = None
    for code in range(0x80, LAST + 1):
        character = chr(code)
        if re.match(r"\w", character):
            if start is not None:
                yield start, end
            start = None
        elif unicodedata.category(character) not in ("Cn", "Co", "Cs"):
            start, end = code if start is None else start, code
    if start is not None:
        yield start, end


def digits():
    """Each script has its ten in order."""
    for code in range(0x80, LAST + 1):
        if unicodedata.decimal(chr(code), None) == 0:
            assert all(re.match(r"\d", chr(code + i)) for i in range(10))
            yield code, code + 9


def table(name, found):
    print(f"const std::array<CodeRange, {len(found)}> {name}{{{{")
    print(", ".join(f"{{{first:#x}, {last:#x}}}" for first, last in found))
    print("}};\n")


def main():
    print('#include "data/characters.h"\n')
    print("// Made by tests/reference/make_word_borders.py, not by hand.")
    print("namespace nnrun {\n")
    table("kWordBorders", list(ranges()))
    table("kDigits", list(digits()))
    print("}  // namespace nnrun")


if __name__ == "__main__":
    main()
