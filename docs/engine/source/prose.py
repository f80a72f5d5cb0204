"""Markdown source with its code blanked, so that a search for formulas and labels finds only what is set."""

from __future__ import annotations

import functools
import re

# What stands between the dollars of a display formula; its words may hold formulas of their own.
BODY = r"(?:\\(?:text[a-z]*|mbox)\s*\{(?:[^{}$]|\$[^$\n]*\$|\{[^{}]*\})*\}|\\.|[^\\$])+?"

INLINE = re.compile(r"(?<![\\$])\$(?!\s)(?:\\.|[^\\$])+?(?<!\s)\$(?!\$)", re.S)  # a formula in a sentence, dollars too

_NOT_PROSE = re.compile(
    r"""
    \A---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*$                                             # front matter
    | ^[ \t>]*(?P<fence>`{3,}(?!`)|~{3,}(?!~))[^\n`]*\n
      (?:[^\n]*\n)*?[ \t>]*(?P=fence)[ \t]*$                                             # fenced code
    | <!--.*?-->                                                                        # comment
    | (?<![\\`])(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`)            # inline code
    """,
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)


BLOCK_MARK = re.compile(r"^[ \t]*(?P<slashes>/{3,})[ \t]*(?:(?P<name>[\w-]+)[ \t]*(?:\|[ \t]*(?P<title>.*))?)?$", re.M)


def blank(match: re.Match[str]) -> str:
    """Spaces for what was found; line ends stay."""
    return re.sub(r"[^\n]", " ", match[0])


@functools.lru_cache(maxsize=128)  # five readers of a page ask for it, one after the other
def mask_code(source: str) -> str:
    """Put spaces for front matter, code and comments; length and line ends stay as they are."""
    return _NOT_PROSE.sub(blank, source)


def line_at(source: str, offset: int) -> int:
    """Line of the character at `offset`, counted from 1."""
    return source.count("\n", 0, offset) + 1


def line_of(source: str, text: str) -> int | None:
    """Line of the first `text` that stands in prose, or None."""
    offset = mask_code(source).find(text)
    return None if offset < 0 else line_at(source, offset)
