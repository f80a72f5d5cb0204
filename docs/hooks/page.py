"""Reads a page's source: its blocks and inline expressions, in order, with their places.

Pure: text in, data out. The build and pytest both read pages through `read_page`, so they see the same blocks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from .errors import BookError
from .options import Options, parse_info
from .snippets import Section, load_section

FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<marks>`{3,}|~{3,})(?P<info>[^`]*)$")
INCLUDE = re.compile(r'^\s*--8<--\s+"(?P<reference>[^"]+)"\s*$')
EXPRESSION = re.compile(r"(?<!`)`\{python\}[ ]+(?P<code>[^`]+?)[ ]*`(?!`)")
HEADING = re.compile(r"^ {0,3}#{1,6}\s")


@dataclass(frozen=True)
class Fence:
    """A fenced code block as it stands in the page, of whatever language; lines count from 1."""

    line: int
    end: int
    indent: str
    info: str
    body: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """A python fence: code that runs."""

    line: int
    end: int
    indent: str
    options: Options
    section: Section


@dataclass(frozen=True)
class Expression:
    """An inline expression in the prose: `{python} code`, between two backticks."""

    line: int
    start: int  # columns in that line
    end: int
    code: str


@dataclass(frozen=True)
class Page:
    path: str
    steps: tuple[Block | Expression, ...]  # in page order

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(step for step in self.steps if isinstance(step, Block))


def fences_of(lines: list[str], path: str = "<string>") -> list[Fence]:
    """Every fence of a page; a fence shown inside a longer fence is text, not a fence."""
    found: list[Fence] = []
    opened: re.Match | None = None
    start = 0
    for number, line in enumerate(lines, 1):
        match = FENCE.match(line)
        if opened is None:
            if match:
                opened, start = match, number
        elif (match and match["marks"].startswith(opened["marks"]) and not match["info"].strip()
              and len(match["indent"].expandtabs(4)) <= len(opened["indent"].expandtabs(4)) + 3):
            found.append(Fence(start, number, opened["indent"], opened["info"].strip(), tuple(lines[start : number - 1])))
            opened = None
    if opened is not None:
        raise BookError(f"a fence that never ends: {opened['marks']}{opened['info']}; close it with "
                        f"{opened['marks']} on a line of its own", path=path, line=start)
    return found


def front_matter_length(lines: list[str]) -> int:
    """Number of lines of the front matter, delimiters included; 0 if there is none."""
    if lines and lines[0].strip() == "---":
        for number, line in enumerate(lines[1:], 2):
            if line.strip() in ("---", "..."):
                return number
    return 0


def read_page(text: str, snippets: Path, path: str = "<string>", first_line: int = 1) -> Page:
    """The steps of a page. `first_line` is the line of the file on which `text` starts: places count from there."""
    lines = [""] * (first_line - 1) + text.split("\n")
    steps: list[Block | Expression] = []
    covered = set(range(1, front_matter_length(lines) + 1))
    for fence in fences_of(lines, path):
        covered.update(range(fence.line, fence.end + 1))
        if (options := parse_info(fence, path)) is not None:
            steps.append(Block(fence.line, fence.end, fence.indent, options, _included(fence, snippets, path)))
    for number, line in enumerate(lines, 1):
        if number not in covered:
            steps.extend(_expressions(line, number, path))
    steps.sort(key=lambda step: (step.line, getattr(step, "start", 0)))
    return Page(path, tuple(steps))


def _included(fence: Fence, snippets: Path, path: str) -> Section:
    body = [line for line in fence.body if line.strip()]
    match = INCLUDE.match(body[0]) if len(body) == 1 else None
    if not match:
        raise BookError("the body of a python fence is one include; found "
                        f"{len(body)} line(s) that are not. Move the code to a section of a file in snippets/ "
                        'and write: --8<-- "file.py:section"', path=path, line=fence.line)
    try:
        return load_section(snippets, match["reference"])
    except BookError as error:
        if error.path:
            raise
        raise BookError(error.message, path=path, line=fence.line) from None


def _expressions(line: str, number: int, path: str) -> list[Expression]:
    found = [Expression(number, match.start(), match.end(), match["code"]) for match in EXPRESSION.finditer(line)]
    if line.count("{python}") != len(found):
        raise BookError("an inline expression that cannot be read; expected `{python} expression` between two "
                        "backticks on one line", path=path, line=number)
    if found and HEADING.match(line):
        raise BookError("an inline expression in a heading; put the number in the text below it",
                        path=path, line=number)
    if "--8<--" in line:
        raise BookError("an include outside a python fence; only python fences include code", path=path, line=number)
    for expression in found:
        try:
            compile(expression.code, f"{path}:{number}", "eval")
        except SyntaxError as error:
            raise BookError(f"the inline expression `{expression.code}` is not a Python expression: {error.msg}",
                            path=path, line=number) from None
    return found
