"""Reads a page's Markdown once, as Python-Markdown and its extensions read it, and says what stands where.

All that looks at a page takes from `scan`; only what it is made of, `fences`, `blocks` and `inline`, has patterns for
fences, code, comments, formulas, headings, tables and `///` blocks. Pure: text in, data out. Offsets count in
`Scan.text`, the page with its tabs expanded; lines count from 1.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from .blocks import DISPLAY, Blocks, Heading, Mark, Table
from .fences import Fault, Fence, fences_in
from .front_matter import front_matter_length
from .inline import BLANK, IS_FENCE, Passage, Row, Span, covered

DIRECTIVE = re.compile(r"^(?P<text>::: ?(?P<name>\S*)(?: +(?P<argument>\S.*?))?) *$", re.M)  # from the data files
TAGS = ("address article aside blockquote center details dd div dl dt fieldset figcaption figure footer form "
        "h[1-6] header hr iframe li main nav ol p section summary table tbody td th thead tr ul video")
# What Python-Markdown takes away before it reads blocks: comments and HTML at the beginning of a line.
RAW = re.compile(rf"^ {{0,3}}(?:<!--.*?-->|<(?P<tag>{TAGS.replace(' ', '|')})\b(?:(?!\n *\n).)*)", re.M | re.S | re.I)


@dataclass(frozen=True)
class Formula:
    """`start` and `end` are outside its marks, `latex` is what stands between them."""

    start: int
    end: int
    latex: str
    display: bool
    line: int


@dataclass(frozen=True)
class Scan:
    text: str
    lines: tuple[str, ...]
    starts: tuple[int, ...]  # of the lines, and the end of the last
    front_matter: int  # lines
    fences: tuple[Fence, ...]
    faults: tuple[Fault, ...]  # of fences
    comments: tuple[Span, ...]
    code: tuple[Span, ...]
    formulas: tuple[Formula, ...]
    headings: tuple[Heading, ...]
    marks: tuple[Mark, ...]
    tables: tuple[Table, ...]
    sentences: tuple[Passage, ...]  # what inline patterns read
    prose: str  # the text with spaces for front matter, code, comments and raw HTML; line ends stay

    def line_at(self, offset: int) -> int:
        return bisect_right(self.starts, offset, hi=len(self.lines))

    def shown(self, span: Span | Formula) -> str:
        return self.text[span.start : span.end]

    def line_of(self, text: str) -> int | None:
        """Line of the first `text` that stands in prose, or None."""
        offset = self.prose.find(text)
        return None if offset < 0 else self.line_at(offset)


@functools.lru_cache(maxsize=128)  # many readers of a page ask for it, one after the other
def scan(source: str, part: bool = False) -> Scan:
    """What stands in a page, or, as `part`, in some lines of one, which have no front matter."""
    text = source.expandtabs(4)
    lines = tuple(text.split("\n"))
    starts = tuple(accumulate((len(line) + 1 for line in lines), initial=0))
    front = 0 if part else front_matter_length(lines)
    fences, faults = fences_in(lines, front)
    hidden: list[Span | tuple[int, int]] = [(0, starts[front])]
    hidden += ((starts[fence.line - 1], starts[fence.end] - 1) for fence in fences)
    raw = list(RAW.finditer(covered(text, hidden)))
    blocks = Blocks(list(_rows(lines, starts, front, fences, raw)))
    passages = blocks.passages + [Passage("html", (Row(0, match.start(), match[0]),)) for match in raw if match["tag"]]
    passages.sort(key=lambda passage: passage.rows[0].start)
    sentences = [passage for passage in passages if passage.kind not in ("code", "formula")]
    comments = [Span(match.start(), match.end(), match[0]) for match in raw if not match["tag"]]
    comments += [span for sentence in sentences for span in sentence.placed(sentence.inline.comments)]
    code = [span for sentence in sentences for span in sentence.placed(sentence.inline.code)]
    hidden += [*comments, *code, *(match.span() for match in raw)]
    hidden += [(row.start, row.start + len(row.text)) for passage in passages for row in passage.rows
               if passage.kind == "code"]
    return Scan(text, lines, starts, front, tuple(fences), tuple(faults), tuple(comments), tuple(code),
                tuple(_formulas(passages, starts)), tuple(blocks.headings), tuple(blocks.marks), tuple(blocks.tables),
                tuple(sentences), covered(text, hidden))


def _rows(lines: Sequence[str], starts: Sequence[int], front: int, fences: Sequence[Fence],
          raw: Sequence[re.Match[str]]) -> Iterator[Row]:
    """The lines as blocks are read from them: a fence is one line that is no text, and nothing is left of what is raw.
    """
    instead: dict[int, list[Row]] = {index: [BLANK] for index in range(front)}
    for fence in fences:
        instead |= {index: [] for index in range(fence.line, fence.end)}
        sign = Row(fence.line, starts[fence.line - 1], fence.indent + IS_FENCE)
        instead[fence.line - 1] = [BLANK, sign, BLANK] if "python" in fence.info else [sign]  # the cell stands alone
    for match in raw:
        first, last = (bisect_right(starts, offset) - 1 for offset in (match.start(), match.end() - 1))
        instead |= {index: [BLANK] for index in range(first, last + 1)}
        instead[last] = [BLANK, Row(last + 1, match.end(), lines[last][match.end() - starts[last] :])]
    for index, line in enumerate(lines):
        yield from instead.get(index, [Row(index + 1, starts[index], line)])


def _formulas(passages: Iterable[Passage], starts: Sequence[int]) -> Iterator[Formula]:
    for passage in passages:
        if passage.kind == "formula" and (match := DISPLAY.match(passage.text)):
            group = next(name for name in ("dollars", "square", "alone") if match[name])
            line = bisect_right(starts, passage.at(match.start(group)))
            end = passage.at(len(passage.text.rstrip()) - 1) + 1
            yield Formula(passage.at(0), end, match[group], True, line)
        elif passage.kind not in ("code", "html"):
            for span in passage.placed(passage.inline.formulas):
                yield Formula(span.start, span.end, span.said, False, bisect_right(starts, span.start))
