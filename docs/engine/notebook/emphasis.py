"""Emphasis that CommonMark would not see. Python-Markdown takes `**重点：**正文` for bold, Jupyter and Colab do not:
for them a mark between punctuation and a letter neither opens nor closes. Such a pair becomes HTML. Pure."""

from __future__ import annotations

import re
import unicodedata

_INSIDE = r"(?P<text>(?:(?!\n[ \t]*\n).)+?)"
_MARKS = [
    ("strong", re.compile(rf"(?<![\\*])\*\*(?![\s*]){_INSIDE}(?<![\s\\*])\*\*(?!\*)", re.DOTALL)),
    ("em", re.compile(rf"(?<![\\*])\*(?![\s*]){_INSIDE}(?<![\s\\*])\*(?!\*)", re.DOTALL)),
]


def mend_emphasis(text: str) -> str:
    """The text with the pairs of `**` and `*` that CommonMark would leave as they are written as tags.

    Code and formulas in it are to be stashed, each between characters of private use, which count as punctuation.
    """
    for tag, pattern in _MARKS:
        text = pattern.sub(lambda match, tag=tag: _mended(match, tag), text)
    return text


def _mended(match: re.Match[str], tag: str) -> str:
    source = match.string
    before = source[match.start() - 1] if match.start() else " "
    after = source[match.end()] if match.end() < len(source) else " "
    inner = match["text"]
    opens = not _is_punctuation(inner[0]) or before.isspace() or _is_punctuation(before)
    closes = not _is_punctuation(inner[-1]) or after.isspace() or _is_punctuation(after)
    return match[0] if opens and closes else f"<{tag}>{inner}</{tag}>"


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS" or unicodedata.category(character) == "Co"
