"""What stands in the passages of a page: inline code, formulas, comments, as Python-Markdown's inline patterns find
them. Pure."""

from __future__ import annotations

import functools
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

TICKS = re.compile(r"`+")
# As in arithmatex, which lets no code stand in a formula; backslashes in pairs are signs of their own.
FORMULA = re.compile(r"(?<!\\)(?:\\\\)*(?P<all>\$(?!\s)(?P<dollars>(?:\\.|[^\\$\x01-\x03])+?)(?<!\s)\$"
                     r"|\\\((?P<round>(?:\\[^)]|[^\\\x01-\x03])+?)\\\))", re.S)
COMMENT = re.compile(r"<!--(?:(?!<!--|-->).)*-->", re.S)
LINK = re.compile(r"\]\((?P<target>[^()\s]+)(?:\s+\"[^\"]*\")?\)")
IS_FENCE, IS_CODE, IS_FORMULA = "\x01\x02\x03"


class Span(NamedTuple):
    """From one character of the text to another, marks included; `said` is what stands between the marks."""

    start: int
    end: int
    said: str


@dataclass(frozen=True)
class Inline:
    code: tuple[Span, ...]
    formulas: tuple[Span, ...]
    comments: tuple[Span, ...]
    bare: str  # the text, with IS_CODE and IS_FORMULA for each of their characters and spaces for those of comments;
    # IS_FENCE stands for a whole fence


@functools.lru_cache(maxsize=8192)
def inline(text: str) -> Inline:
    """What stands in a passage, or in a text of the data files."""
    code = tuple(_code(text))
    bare = covered(text, code, IS_CODE)
    formulas = tuple(Span(match.start("all"), match.end("all"), match["dollars"] or match["round"])
                     for match in FORMULA.finditer(bare))
    bare = covered(bare, formulas, IS_FORMULA)
    comments = tuple(Span(match.start(), match.end(), match[0]) for match in COMMENT.finditer(bare))
    bare = covered(bare, comments)

    def outside(span: Span) -> bool:
        return not any(comment.start < span.start < comment.end for comment in comments)

    return Inline(tuple(filter(outside, code)), tuple(filter(outside, formulas)), comments, bare)


class Row(NamedTuple):
    """A line without the marks of the lists and quotations around it, and where in the page its text begins."""

    line: int
    start: int
    text: str


BLANK = Row(0, 0, "")


@dataclass(frozen=True)
class Passage:
    """Lines that Markdown reads in one go. `kind` is "text", "item" (the first of a list item or definition), "term",
    "heading", "title" (of a `///` block), "row" (of a table), "formula", "code" (indented) or "html".
    """

    kind: str
    rows: tuple[Row, ...]

    @property
    def text(self) -> str:
        return "\n".join(row.text for row in self.rows)

    @property
    def inline(self) -> Inline:
        """What inline patterns find; it counts in `text`."""
        return inline(self.text)

    def at(self, index: int) -> int:
        """Where in the page a character of the text stands."""
        starts = list(accumulate((len(row.text) + 1 for row in self.rows), initial=0))
        row = bisect_right(starts, index, hi=len(self.rows)) - 1
        return self.rows[row].start + index - starts[row]

    def placed(self, spans: Sequence[Span]) -> Iterator[Span]:
        """The spans, counted in the page."""
        for span in spans:
            yield Span(self.at(span.start), self.at(span.end - 1) + 1, span.said)


def with_formulas(text: str, change: Callable[[str], str]) -> str:
    """The text with each formula, marks included, replaced by what `change` makes of its LaTeX."""
    return replaced(text, [(formula.start, formula.end, change(formula.said)) for formula in inline(text).formulas])


def replaced(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """The text with another between each two places, of which none lie within others."""
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def covered(text: str, places: Iterable[Span | tuple[int, int]], sign: str = " ") -> str:
    """The text with the sign for each character between these places; line ends stay. Places may overlap."""
    pieces, end = [], 0
    for start, stop, *_ in sorted(places):
        if stop > end:
            pieces += [text[end : max(start, end)], re.sub(r"[^\n]", sign, text[max(start, end) : stop])]
            end = stop
    return "".join(pieces) + text[end:]


def _code(text: str) -> Iterator[Span]:
    """A span ends at as many backticks as it starts with, or else at the most that there are, if they are fewer; a
    backslash takes one from those that start it."""
    index = 0
    while opened := TICKS.search(text, index):
        before = text[: opened.start()]
        start = opened.start() + (len(before) - len(before.rstrip("\\"))) % 2
        length, runs = opened.end() - start, list(TICKS.finditer(text, opened.end()))
        closed = next((ticks for ticks in runs if len(ticks[0]) == length), None)
        closed = closed or max(runs, key=lambda ticks: len(ticks[0]), default=None)
        index = opened.end()
        if closed and 0 < len(closed[0]) <= length:
            yield Span(start, closed.end(), text[start + len(closed[0]) : closed.start()])
            index = closed.end()
