"""Cuts a page into its passages: paragraphs, headings, rows of tables, display formulas, marks of `///` blocks. Pure.

In the order in which Python-Markdown's block processors are asked (lists, definition lists, quotations, tables,
pymdownx.blocks, arithmatex), but what leaves are places in the page, not elements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

Row = tuple[int, str]  # where a line begins in the page, and its text without the marks of lists and quotations around

BLANK: Row = (0, "")
MARK = re.compile(r" {0,3}(?P<slashes>/{3,}) *(?:(?P<name>[\w-]+) *(?:\| *(?P<title>.*?) *)?)?$")
DISPLAY = re.compile(r"(?:\$\$(?P<dollars>(?:\\.|[^\\])+?)\$\$|\\\[(?P<square>(?:\\[^\]]|[^\\])+?)\\\]"
                     r"|(?P<alone>\\begin\{(?P<name>[a-z]+\*?)\}(?:\\.|[^\\])+?\\end\{(?P=name)\}))[ ]*$", re.S)
TABLE_RULE = re.compile(r"[ ]*\|?[ ]*:?-+:?[ ]*(?:\|[ ]*:?-+:?[ ]*)*\|?[ ]*$")
HEADING = re.compile(r"(?P<marks>#{1,6})(?P<text>.*?)#*$")
UNDERLINE = re.compile(r"(?P<marks>=+|-+) *$")
RULE = re.compile(r" {0,3}(?P<sign>[-_*])(?: {0,2}(?P=sign)){2,} *$")
ITEM = re.compile(r" {0,3}(?:\d+\.|[*+-]) +")
NESTED = re.compile(r" {4,7}(?:\d+\.|[*+-]) +")
DEFINITION = re.compile(r" {0,3}: {1,3}")
QUOTE = re.compile(r" {0,3}> ?")
TAB = "    "


@dataclass(frozen=True)
class Passage:
    """Lines that Markdown reads in one go. `kind` is "text", "item" (the first of a list item or definition), "term",
    "heading", "title" (of a `///` block), "row" (of a table), "formula", "code" (indented) or "html".
    """

    kind: str
    rows: tuple[Row, ...]
    level: int = 0  # of a heading

    @property
    def text(self) -> str:
        return "\n".join(text for _, text in self.rows)


@dataclass(frozen=True)
class Slashes:
    """A line `/// name | title` with the options below it, or, without a name, one that ends such a block."""

    start: int
    slashes: str
    name: str
    title: str
    options: tuple[Row, ...]


@dataclass(frozen=True)
class Table:
    start: int
    rows: int  # with the one of heads, without the rule
    columns: int


def passages_of(rows: Sequence[Row]) -> tuple[list[Passage], list[Slashes], list[Table]]:
    """What stands in these lines, in order."""
    reader = _Reader()
    reader.read(rows)
    return reader.passages, reader.marks, reader.tables


class _Reader:
    def __init__(self) -> None:
        self.passages: list[Passage] = []
        self.marks: list[Slashes] = []
        self.tables: list[Table] = []
        self.kind = "text"  # of the next paragraph

    def read(self, rows: Sequence[Row], kind: str = "text") -> None:
        self.kind = kind
        chunks, begun = _chunks(rows), False
        while chunks:
            chunk = chunks.pop(0)
            if rest := self._first(chunk, chunks, begun):
                chunks.insert(0, rest)
            begun = begun or rest is not chunk

    def _first(self, chunk: list[Row], chunks: list[list[Row]], begun: bool) -> list[Row]:
        """Reads what the chunk begins with, with what of the `chunks` behind it belongs to it; gives what is left."""
        (offset, line), lines = chunk[0], [text for _, text in chunk]
        if _divided(chunk, MARK, chunks):
            return chunk
        if mark := MARK.match(line):
            return self._mark(mark, chunk)
        if line.startswith(TAB):
            return self._add("code", _while(chunk, lambda text: text.startswith(TAB)), chunk)
        if DISPLAY.match("\n".join(lines)):
            return self._add("formula", chunk, chunk)
        if len(lines) > 1 and TABLE_RULE.match(lines[1]) and (columns := _columns(line, lines[1])):
            self.tables.append(Table(offset, len(chunk) - 1, columns))
            for row in [chunk[0], *chunk[2:]]:
                self._add("row", [row], chunk)
            return []
        if _divided(chunk, HEADING, chunks):
            return chunk
        if heading := HEADING.match(line):
            self._add("heading", [(offset + heading.start("text"), heading["text"])], chunk, len(heading["marks"]))
            return chunk[1:]
        if len(lines) > 1 and (underline := UNDERLINE.match(lines[1])):
            self._add("heading", chunk[:1], chunk, 1 + (underline["marks"][0] == "-"))
            return chunk[2:]
        if _divided(chunk, RULE, chunks):
            return chunk
        if RULE.match(line):
            return chunk[1:]
        if ITEM.match(line):
            return self._list(chunk, chunks)
        index = _index(chunk, DEFINITION)
        if index or (index == 0 and begun):
            return self._definition(chunk, chunks, index)
        if _divided(chunk, QUOTE, chunks):
            return chunk
        if QUOTE.match(line):
            return self._quotation(chunk, chunks)
        return self._add(self.kind, chunk, chunk)

    def _add(self, kind: str, rows: Sequence[Row], chunk: list[Row], level: int = 0) -> list[Row]:
        self.passages.append(Passage(kind, tuple(rows), level))
        self.kind = "text"
        return chunk[len(rows) :]

    def _mark(self, mark: re.Match[str], chunk: list[Row]) -> list[Row]:
        start, options = chunk[0][0], []
        if mark["name"]:
            options = _while(chunk[1:], lambda text: text.startswith(TAB))
        self.marks.append(Slashes(start + mark.start("slashes"), mark["slashes"], mark["name"] or "",
                                  mark["title"] or "", tuple(options)))
        if mark["title"]:
            self._add("title", [(start + mark.start("title"), mark["title"])], chunk)
        self.kind = "text"
        return chunk[1 + len(options) :]

    def _list(self, chunk: list[Row], chunks: list[list[Row]]) -> list[Row]:
        items: list[list[Row]] = []
        nested = False
        for row in chunk:
            if match := ITEM.match(row[1]):
                items.append([_cut(row, match.end())])
                nested = False
            else:
                if not nested and NESTED.match(row[1]):
                    nested = True
                    items[-1].append(BLANK)
                items[-1].append(_detab(row) if nested else row)
        items[-1] += _indented(chunks)
        for item in items:
            self.read(item, "item")
        return []

    def _quotation(self, chunk: list[Row], chunks: list[list[Row]]) -> list[Row]:
        while chunks and QUOTE.match(chunks[0][0][1]):
            chunk = [*chunk, BLANK, *chunks.pop(0)]
        self.read([_cut(row, match.end()) if (match := QUOTE.match(row[1])) else row for row in chunk])
        return []

    def _definition(self, chunk: list[Row], chunks: list[list[Row]], index: int) -> list[Row]:
        for row in chunk[:index]:
            self._add("term", [row], chunk)
        match = DEFINITION.match(chunk[index][1])
        said, rest = [_cut(chunk[index], match.end() if match else 0)], chunk[index + 1 :]
        if rest and re.match(r" {0,3}[^ :]", rest[0][1]):
            said, rest = said + rest, []
        else:
            more = _while(rest, lambda text: text.startswith(TAB))
            said, rest = said + [*map(_detab, more)], rest[len(more) :]
        said = [*map(_detab, said)] if said[0][1].startswith(TAB) else said
        self.read(said + ([] if rest else _indented(chunks)), "item")
        return rest


def _chunks(rows: Sequence[Row]) -> list[list[Row]]:
    """Lines between blank lines."""
    chunks: list[list[Row]] = [[]]
    for row in rows:
        if row[1].strip(" "):
            chunks[-1].append(row)
        elif chunks[-1]:
            chunks.append([])
    return [chunk for chunk in chunks if chunk]


def _indented(chunks: list[list[Row]]) -> list[Row]:
    """Takes the chunks that go on with the item above them."""
    rows: list[Row] = []
    while chunks and chunks[0][0][1].startswith(TAB):
        rows += [BLANK, *map(_detab, chunks.pop(0))]
    return rows


def _columns(*rows: str) -> int:
    """How many columns a table with this head and rule has; 0 if it is none."""
    bare = [re.sub(r"\\.|(`+).+?\1", "x", row.strip(" ")) for row in rows]
    if bordered := bare[0].startswith("|") or bare[0].endswith("|"):
        bare = [row.removeprefix("|").removesuffix("|") for row in bare]
    head, rule = (row.count("|") + 1 for row in bare)
    return head if head == rule and (head > 1 or bordered) else 0


def _divided(chunk: list[Row], pattern: re.Pattern[str], chunks: list[list[Row]]) -> bool:
    """Whether a line below the first begins with the pattern; it is then cut off, so that both are read again."""
    index = next((index for index, (_, text) in enumerate(chunk) if pattern.match(text)), 0)
    if index:
        chunks.insert(0, chunk[index:])
        del chunk[index:]
    return bool(index)


def _index(chunk: Sequence[Row], pattern: re.Pattern[str]) -> int | None:
    return next((index for index, (_, text) in enumerate(chunk) if pattern.match(text)), None)


def _while(rows: Sequence[Row], holds: Callable[[str], bool]) -> list[Row]:
    return list(takewhile(lambda row: holds(row[1]), rows))


def _cut(row: Row, length: int) -> Row:
    return row[0] + length, row[1][length:]


def _detab(row: Row) -> Row:
    return _cut(row, len(TAB)) if row[1].startswith(TAB) else row
