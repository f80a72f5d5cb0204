"""Cuts a page into its passages: paragraphs, headings, rows of tables, display formulas, marks of `///` blocks. Pure.

In the order in which Python-Markdown's block processors are asked (lists, definition lists, quotations, tables,
pymdownx.blocks, arithmatex), but what leaves are places in the page, not elements.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from .inline import BLANK, Passage, Row

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
ID = re.compile(r"\{[^{}]*#(?P<id>[^\s{}]+)[^{}]*\}\s*#*\s*$")
TYPE = re.compile(r"^ *type: *(?P<type>.*?) *$", re.M)
TAB = "    "


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
    end: int | None = None


@dataclass(frozen=True)
class Table:
    line: int
    rows: int  # with the one of heads, without the rule
    columns: int


class Blocks:
    """What stands in some lines, in order."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.passages: list[Passage] = []
        self.headings: list[Heading] = []
        self.marks: list[Mark] = []
        self.tables: list[Table] = []
        self._open: list[int] = []  # of the marks, those whose end is still to come
        self._read(rows)

    def _read(self, rows: Sequence[Row], kind: str = "text") -> None:
        self._kind = kind  # of the next paragraph
        chunks, begun = _chunks(rows), False
        while chunks:
            chunk = chunks.pop(0)
            if rest := self._first(chunk, chunks, begun):
                chunks.insert(0, rest)
            begun = begun or rest is not chunk

    def _first(self, chunk: list[Row], chunks: list[list[Row]], begun: bool) -> list[Row]:
        """Reads what the chunk begins with, with what of the `chunks` behind it belongs to it; gives what is left."""
        line, lines = chunk[0].text, [row.text for row in chunk]
        if _divided(chunk, MARK, chunks):
            return chunk
        if mark := MARK.match(line):
            return self._mark(mark, chunk)
        if line.startswith(TAB):
            return self._add("code", _indented(chunk), chunk)
        if DISPLAY.match("\n".join(lines)):
            return self._add("formula", chunk, chunk)
        if len(lines) > 1 and TABLE_RULE.match(lines[1]) and (columns := _columns(line, lines[1])):
            self.tables.append(Table(chunk[0].line, len(chunk) - 1, columns))
            for row in [chunk[0], *chunk[2:]]:
                self._add("row", [row], chunk)
            return []
        if _divided(chunk, HEADING, chunks):
            return chunk
        if heading := HEADING.match(line):
            return self._heading(len(heading["marks"]), _cut(chunk[0], heading.start("text"))._replace(
                text=heading["text"]), chunk[1:])
        if len(lines) > 1 and (underline := UNDERLINE.match(lines[1])):
            return self._heading(1 + (underline["marks"][0] == "-"), chunk[0], chunk[2:])
        if _divided(chunk, RULE, chunks):
            return chunk
        if RULE.match(line):
            return chunk[1:]
        if ITEM.match(line):
            return self._list(chunk, chunks)
        index = next((index for index, text in enumerate(lines) if DEFINITION.match(text)), -1)
        if index > 0 or (index == 0 and begun):
            return self._definition(chunk, chunks, index)
        if _divided(chunk, QUOTE, chunks):
            return chunk
        if QUOTE.match(line):
            while chunks and QUOTE.match(chunks[0][0].text):
                chunk = [*chunk, BLANK, *chunks.pop(0)]
            self._read([_cut(row, match.end()) if (match := QUOTE.match(row.text)) else row for row in chunk])
            return []
        return self._add(self._kind, chunk, chunk)

    def _add(self, kind: str, rows: Sequence[Row], chunk: list[Row]) -> list[Row]:
        self.passages.append(Passage(kind, tuple(rows)))
        self._kind = "text"
        return chunk[len(rows) :]

    def _heading(self, level: int, row: Row, rest: list[Row]) -> list[Row]:
        found = ID.search(row.text)
        self.headings.append(Heading(row.line, level, ID.sub("", row.text).strip(), found["id"] if found else None))
        self._add("heading", [row], rest)
        return rest

    def _mark(self, mark: re.Match[str], chunk: list[Row]) -> list[Row]:
        slashes, line = mark["slashes"], chunk[0].line
        if not mark["name"] and self._open and self.marks[self._open[-1]].slashes == slashes:
            index = self._open.pop()
            self.marks[index] = replace(self.marks[index], end=line)
            return chunk[1:]
        options = _indented(chunk[1:]) if mark["name"] else []
        if mark["name"]:
            self._open.append(len(self.marks))
        if mark["title"]:
            self._add("title", [_cut(chunk[0], mark.start("title"))._replace(text=mark["title"])], chunk)
        kind = TYPE.search("\n".join(row.text for row in options))
        self.marks.append(Mark(line, 1 + len(options), slashes, mark["name"] or "", mark["title"] or "",
                               kind["type"] if kind else ""))
        self._kind = "text"
        return chunk[1 + len(options) :]

    def _list(self, chunk: list[Row], chunks: list[list[Row]]) -> list[Row]:
        items: list[list[Row]] = []
        nested = False
        for row in chunk:
            if match := ITEM.match(row.text):
                items.append([_cut(row, match.end())])
                nested = False
                continue
            if not nested and NESTED.match(row.text):
                nested = True
                items[-1].append(BLANK)
            items[-1].append(_detab(row) if nested else row)
        items[-1] += _below(chunks)
        for item in items:
            self._read(item, "item")
        return []

    def _definition(self, chunk: list[Row], chunks: list[list[Row]], index: int) -> list[Row]:
        for row in chunk[:index]:
            self._add("term", [row], chunk)
        match = DEFINITION.match(chunk[index].text)
        said, rest = [_cut(chunk[index], match.end() if match else 0)], chunk[index + 1 :]
        if rest and re.match(r" {0,3}[^ :]", rest[0].text):
            said, rest = said + rest, []
        else:
            more = _indented(rest)
            said, rest = said + [*map(_detab, more)], rest[len(more) :]
        said = [*map(_detab, said)] if said[0].text.startswith(TAB) else said
        self._read(said + ([] if rest else _below(chunks)), "item")
        return rest


def _chunks(rows: Sequence[Row]) -> list[list[Row]]:
    """Lines between blank lines."""
    chunks: list[list[Row]] = [[]]
    for row in rows:
        if row.text.strip(" "):
            chunks[-1].append(row)
        elif chunks[-1]:
            chunks.append([])
    return [chunk for chunk in chunks if chunk]


def _below(chunks: list[list[Row]]) -> list[Row]:
    """Takes the chunks that go on with the item above them."""
    rows: list[Row] = []
    while chunks and chunks[0][0].text.startswith(TAB):
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
    index = next((index for index, row in enumerate(chunk) if pattern.match(row.text)), 0)
    if index:
        chunks.insert(0, chunk[index:])
        del chunk[index:]
    return bool(index)


def _indented(rows: Sequence[Row]) -> list[Row]:
    return list(takewhile(lambda row: row.text.startswith(TAB), rows))


def _cut(row: Row, length: int) -> Row:
    return Row(row.line, row.start + length, row.text[length:])


def _detab(row: Row) -> Row:
    return _cut(row, len(TAB)) if row.text.startswith(TAB) else row
