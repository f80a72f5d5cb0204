"""A page's source as pieces: prose and code in order, each with the pymdownx blocks (`/// note`) around it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..source.blocks import Mark
from ..source.page import Page
from ..source.scan import scan


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


def pieces_of(page: Page, source: str, lines: Sequence[str]) -> list[Text | Code]:
    """The pieces of a page of this source; `lines` are its lines as they are to be shown."""
    found = scan(source)
    marks = [mark for mark in found.marks if mark.name]
    of_marks = {line for mark in marks for line in [*range(mark.line, mark.line + mark.lines), mark.end]}
    blocks = {block.line: (index, block) for index, block in enumerate(page.blocks)}
    ends = {fence.line: fence.end for fence in found.fences}
    pieces: list[Text | Code] = []
    indent = ""  # of a fence in a list item: what follows it in the item stands alone now
    number = found.front_matter + 1
    while number <= len(lines):
        frames, end = _frames(marks, number), ends.get(number, number)
        if number in blocks:
            index, block = blocks[number]
            pieces.append(Code(frames, index))
            indent = block.indent
        elif number not in of_marks:
            last = pieces[-1] if pieces else None
            if not isinstance(last, Text) or last.frames != frames:
                last = Text(frames)
                pieces.append(last)
            for line in lines[number - 1 : end]:
                indent = "" if line.strip() and not line.startswith(indent) else indent
                last.lines.append(line.removeprefix(indent))
        number = end + 1
    return [piece for piece in pieces if isinstance(piece, Code) or any(map(str.strip, piece.lines))]


def _frames(marks: Sequence[Mark], line: int) -> tuple[Frame, ...]:
    """The blocks around a line, from the outermost."""
    return tuple(Frame(mark.line, mark.name, mark.title, mark.type) for mark in marks
                 if mark.line < line and (mark.end is None or line < mark.end))
