"""A page's source as pieces: prose and code in order, each with the pymdownx blocks (`/// note`) around it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .fences import fences_of
from .page import Page, front_matter_length

OPEN = re.compile(r"^ *(?P<marks>/{3,}) *(?P<name>[\w-]+) *(?:\| *(?P<title>.*?))? *$")
CLOSE = re.compile(r"^ *(?P<marks>/{3,}) *$")
OPTION = re.compile(r"^ {4,}(?P<key>[\w-]+): *(?P<value>.*?) *$")


@dataclass(frozen=True)
class Frame:
    """A pymdownx block: `name` is "note", "details", "figure-caption" …; `kind` is the `type:` among its options."""

    line: int
    name: str
    title: str
    kind: str = ""


@dataclass
class Text:
    frames: tuple[Frame, ...]
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Code:
    frames: tuple[Frame, ...]
    index: int  # among the page's blocks


def pieces_of(page: Page, lines: Sequence[str]) -> list[Text | Code]:
    """The pieces of a page whose source has these lines; `page` says where its python fences are."""
    reader = _Reader()
    blocks = {block.line: (index, block) for index, block in enumerate(page.blocks)}
    fences = {fence.line: fence for fence in fences_of(list(lines), page.path)}
    number = front_matter_length(list(lines)) + 1
    while number <= len(lines):
        end = fences[number].end if number in fences else number
        if number in blocks:
            index, block = blocks[number]
            reader.code(index, block.indent)
        elif number in fences:
            reader.text(lines[number - 1 : end])
        else:
            reader.line(lines[number - 1], number)
        number = end + 1
    return [piece for piece in reader.pieces if isinstance(piece, Code) or any(map(str.strip, piece.lines))]


class _Reader:
    def __init__(self) -> None:
        self.pieces: list[Text | Code] = []
        self.open: list[tuple[str, Frame]] = []  # with the slashes that close it
        self.options = False  # whether the line before opened a block, or gave it an option
        self.indent = ""  # of a fence in a list item: what follows it in the item stands alone now

    @property
    def frames(self) -> tuple[Frame, ...]:
        return tuple(frame for _, frame in self.open)

    def line(self, line: str, number: int) -> None:
        if self.options and (option := OPTION.match(line)):
            if option["key"] == "type":
                marks, frame = self.open.pop()
                self.open.append((marks, Frame(frame.line, frame.name, frame.title, option["value"])))
            return
        self.options = False
        if (end := CLOSE.match(line)) and self.open and self.open[-1][0] == end["marks"]:
            self.open.pop()
        elif begin := OPEN.match(line):
            self.open.append((begin["marks"], Frame(number, begin["name"], begin["title"] or "")))
            self.options = True
        else:
            self.text([line])

    def text(self, lines: Sequence[str]) -> None:
        last = self.pieces[-1] if self.pieces else None
        if not isinstance(last, Text) or last.frames != self.frames:
            last = Text(self.frames)
            self.pieces.append(last)
        for line in lines:
            if line.strip() and not line.startswith(self.indent):
                self.indent = ""
            last.lines.append(line.removeprefix(self.indent))

    def code(self, index: int, indent: str) -> None:
        self.options = False
        self.pieces.append(Code(self.frames, index))
        self.indent = indent
