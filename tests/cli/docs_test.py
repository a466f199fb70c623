"""The JSON blocks of README.md and docs/ are configs that nnrun accepts.

A block without "model" and "extends" is a part of a config: it is read as what changes partA_q1.json.
"""
import json
import re

from nnrun_cli import REPOSITORY, CliTest, main, run

BLOCK = re.compile(r"^ *```json\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)


def blocks():
    """(where, text) of every block."""
    for path in [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]:
        text = path.read_text()
        for block in BLOCK.finditer(text):
            yield f"{path.name}:{text.count(chr(10), 0, block.start()) + 1}", block[1].strip()


def whole(text):
    config = json.loads(text if text.startswith("{") else f"{{{text}}}")
    return config if config.keys() & {"model", "extends"} else {"extends": "partA_q1.json", **config}


class Docs(CliTest):
    def test_every_block_is_accepted(self):
        found = list(blocks())
        self.assertGreaterEqual(len(found), 3)
        for where, text in found:
            with self.subTest(where):
                run("--config", self.config(whole(text)), "--print-config")


if __name__ == "__main__":
    main(needs_engine=False)
