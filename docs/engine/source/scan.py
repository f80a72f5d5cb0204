"""Reads a page's Markdown once, as Python-Markdown and its extensions read it, and says what stands where.

All that looks at a page takes from `scan`; only what it is made of, `fences`, `blocks` and `inline`, has patterns for
fences, code, comments, formulas, headings, tables and `///` blocks. Pure: text in, data out. Offsets count in
`Scan.text`, the page with its tabs expanded; lines count from 1.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from .blocks import BLANK, DISPLAY, Passage, Row, Slashes, Table, passages_of
from .fences import Fault, Fence, fences_in, front_matter_length
from .inline import IS_FENCE, Inline, Span, blank, inline

TAGS = ("address article aside blockquote center details dd div dl dt fieldset figcaption figure footer form "
        "h[1-6] header hr iframe li main nav ol p section summary table tbody td th thead tr ul video")
# What Python-Markdown takes away before it reads blocks: comments and HTML at the beginning of a line.
RAW = re.compile(rf"^ {{0,3}}(?:<!--.*?-->|<(?P<tag>{TAGS.replace(' ', '|')})\b(?:(?!\n *\n).)*)", re.M | re.S | re.I)
OPTION = re.compile(r"^ *([\w-]+): *(.*?) *$", re.M)
ID = re.compile(r"\{[^{}]*#(?P<id>[^\s{}]+)[^{}]*\}\s*#*\s*$")


@dataclass(frozen=True)
class Formula:
    """`start` and `end` are outside its marks, `latex` is what stands between them."""

    start: int
    end: int
    latex: str
    display: bool
    line: int
    in_table: bool


@dataclass(frozen=True)
class Heading:
    line: int
    level: int
    text: str  # without its id
    id: str | None


@dataclass(frozen=True)
class Mark:
    """A line `/// name | title`, or, without a name, `///` that closes nothing. `lines` with its options; `end` is the
    line of the `///` that closes the block, None if none does."""

    line: int
    lines: int
    slashes: str
    name: str
    title: str
    type: str  # an option
    end: int | None


@dataclass(frozen=True)
class Sentence:
    """A passage that inline patterns read, and what they find; `Inline` counts in `text`, `at` gives the page's offset.
    """

    kind: str
    rows: tuple[Row, ...]
    text: str
    inline: Inline

    def at(self, index: int) -> int:
        return _place(self.rows, index)


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
    sentences: tuple[Sentence, ...]
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
    hidden = [(0, starts[front]), *((starts[fence.line - 1], starts[fence.end] - 1) for fence in fences)]
    raw = list(RAW.finditer(_blanked(text, hidden)))
    passages, slashes, tables = passages_of(list(_rows(lines, starts, front, fences, raw)))
    passages += [Passage("html", tuple(_raw_rows(match))) for match in raw if match["tag"]]
    passages.sort(key=lambda passage: passage.rows[0][0])
    sentences = [Sentence(passage.kind, passage.rows, passage.text, inline(passage.text))
                 for passage in passages if passage.kind not in ("code", "formula")]
    comments = [Span(match.start(), match.end(), match[0]) for match in raw if not match["tag"]]
    comments += [span for sentence in sentences for span in _placed(sentence, sentence.inline.comments)]
    code = [span for sentence in sentences for span in _placed(sentence, sentence.inline.code)]
    hidden += [(span.start, span.end) for span in [*comments, *code]] + [match.span() for match in raw]
    hidden += [(start, start + len(row)) for passage in passages if passage.kind == "code"
               for start, row in passage.rows]

    def line(offset: int) -> int:
        return bisect_right(starts, offset, hi=len(lines))

    formulas = sorted([*_displays(passages, line), *_inlines(sentences, line)], key=lambda formula: formula.start)
    return Scan(text, lines, starts, front, tuple(fences), tuple(faults), tuple(comments), tuple(code),
                tuple(formulas), tuple(_headings(passages, line)), tuple(_marks(slashes, line)), tuple(tables),
                tuple(sentences), _blanked(text, hidden))


def _rows(lines: Sequence[str], starts: Sequence[int], front: int, fences: Sequence[Fence],
          raw: Sequence[re.Match[str]]) -> Iterator[Row]:
    """The lines as blocks are read from them: a fence is one line that is no text, and nothing is left of what is raw.
    """
    instead: dict[int, list[Row]] = {index: [BLANK] for index in range(front)}
    for fence in fences:
        instead |= {index: [] for index in range(fence.line, fence.end)}
        sign = (starts[fence.line - 1], fence.indent + IS_FENCE)
        instead[fence.line - 1] = [BLANK, sign, BLANK] if "python" in fence.info else [sign]  # the cell stands alone
    for match in raw:
        first, last = (bisect_right(starts, offset) - 1 for offset in (match.start(), match.end() - 1))
        instead |= {index: [BLANK] for index in range(first, last + 1)}
        instead[last] = [BLANK, (match.end(), lines[last][match.end() - starts[last] :])]
    for index, line in enumerate(lines):
        yield from instead.get(index, [(starts[index], line)])


def _raw_rows(match: re.Match[str]) -> Iterator[Row]:
    place = match.start()
    for line in match[0].split("\n"):
        yield place, line
        place += len(line) + 1


def _place(rows: Sequence[Row], index: int) -> int:
    """Where in the page a character of the rows' text stands."""
    if len(rows) == 1:
        return rows[0][0] + index
    starts = list(accumulate((len(text) + 1 for _, text in rows), initial=0))
    row = bisect_right(starts, index, hi=len(rows)) - 1
    return rows[row][0] + index - starts[row]


def _placed(sentence: Sentence, spans: Iterable[Span]) -> Iterator[Span]:
    for span in spans:
        yield Span(sentence.at(span.start), sentence.at(span.end - 1) + 1, span.said)


def _inlines(sentences: Iterable[Sentence], line: Callable[[int], int]) -> Iterator[Formula]:
    for sentence in sentences:
        for span in _placed(sentence, sentence.inline.formulas if sentence.kind != "html" else ()):
            yield Formula(span.start, span.end, span.said, False, line(span.start), sentence.kind == "row")


def _displays(passages: Iterable[Passage], line: Callable[[int], int]) -> Iterator[Formula]:
    for passage in passages:
        if passage.kind == "formula" and (match := DISPLAY.match(passage.text)):
            group = next(name for name in ("dollars", "square", "alone") if match[name])
            start, inside, end = (_place(passage.rows, index) for index in (
                0, match.start(group), len(passage.text.rstrip()) - 1))
            yield Formula(start, end + 1, match[group], True, line(inside), False)


def _headings(passages: Iterable[Passage], line: Callable[[int], int]) -> Iterator[Heading]:
    for passage in passages:
        if passage.kind == "heading":
            found = ID.search(passage.text)
            yield Heading(line(passage.rows[0][0]), passage.level, ID.sub("", passage.text).strip(),
                          found["id"] if found else None)


def _marks(found: Sequence[Slashes], line: Callable[[int], int]) -> list[Mark]:
    made: list[Mark] = []
    opened: list[int] = []  # indices in `made`
    for slashes in found:
        number = line(slashes.start)
        if not slashes.name and opened and made[opened[-1]].slashes == slashes.slashes:
            index = opened.pop()
            made[index] = replace(made[index], end=number)
            continue
        if slashes.name:
            opened.append(len(made))
        options = dict(OPTION.findall("\n".join(row for _, row in slashes.options)))
        made.append(Mark(number, 1 + len(slashes.options), slashes.slashes, slashes.name, slashes.title,
                         options.get("type", ""), None))
    return made


def _blanked(text: str, places: Iterable[tuple[int, int]]) -> str:
    pieces, end = [], 0
    for start, stop in sorted(places):
        if stop > end:
            pieces += [text[end : max(start, end)], blank(text[max(start, end) : stop])]
            end = stop
    return "".join(pieces) + text[end:]
