#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Each word that leaves the house is in the contract, and on the pages."""

import re
import sys

from tree import ROOT
from tap import Tap

TABLE = re.compile(r"(\w+)_words\[(?:\w+)\] = \{(.*?)\n\};", re.S)


def tables():
    """{"mechanism": [words]} of lib/report."""
    text = "".join((ROOT / "lib/report" / name).read_text()
                   for name in ("words.c", "receipt_word.c"))
    found = {}
    for name, body in TABLE.findall(text):
        words = [word for word in re.findall(r'"([^"\n]*)"', body) if word]
        if words:
            found[name] = words
    return found


def missing(words, text):
    """Words that stand nowhere in `text` as words of their own."""
    return [word for word in words
            if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)]


def in_contract(words):
    text = (ROOT / "doc/contract.md").read_text()
    return [f"doc/contract.md does not say {word}"
            for word in missing(words, text)]


def on_pages(words):
    text = (ROOT / "dashboards/web/src/shared/words.js").read_text()
    table = text[text.index("MECHANISMS = {"):]
    table = table[:table.index("};")]
    return [f"words.js has no sentence for {word}"
            for word in missing(words, table)]


def main():
    tap = Tap()
    every = tables()
    tap.row("the tables of words are found",
            [f"no table {name}" for name in
             ("outcome", "mechanism", "where", "soft_sign", "stage", "failure")
             if name not in every])
    for name, words in sorted(every.items()):
        tap.run(f"the contract has every word of {name}",
                lambda words=words: in_contract(words))
    tap.run("the pages have a text for every mechanism",
            lambda: on_pages(every["mechanism"]))
    tap.row("a word that is missing is seen",
            [] if missing(["no-such-word"], "such-word no-such-wordy")
            else ["it was not seen"])
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
