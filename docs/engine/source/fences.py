"""Fenced code blocks of a page's source, of whatever language, and what looks like one and is none. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import BookError

FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<marks>`{3,}|~{3,})(?P<info>[^`]*)$")
PYTHON_FENCE = re.compile(r"^[ \t>*+\-.\d)]*(`{3,}|~{3,})\s*\{?\s*\.?\{?(py|python|python3)\b(?!-)", re.IGNORECASE)


@dataclass(frozen=True)
class Fence:
    """A fenced code block as it stands in the page, of whatever language; lines count from 1."""

    line: int
    end: int
    indent: str
    info: str
    body: tuple[str, ...]


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
            else:
                refuse_stray_fence(line, number, path)
        elif (match and match["marks"].startswith(opened["marks"]) and not match["info"].strip()
              and len(match["indent"].expandtabs(4)) <= len(opened["indent"].expandtabs(4)) + 3):
            body = tuple(lines[start : number - 1])
            found.append(Fence(start, number, opened["indent"], opened["info"].strip(), body))
            opened = None
    if opened is not None:
        raise BookError(f"a fence that never ends: {opened['marks']}{opened['info']}; close it with "
                        f"{opened['marks']} on a line of its own", path=path, line=start)
    return found


def refuse_include(fence: Fence, path: str) -> None:
    """Only python fences include code; in any other fence the include itself would be shown."""
    if any("--8<--" in line for line in fence.body):
        raise BookError("an include outside a python fence; only python fences include code", path=path,
                        line=fence.line)


def refuse_stray_fence(line: str, number: int, path: str) -> None:
    """Python that would be shown and never run: a fence where Markdown takes none, or under another spelling."""
    if PYTHON_FENCE.match(line):
        raise BookError(f"a python fence that is not read as a block: {line.strip()!r}; write ```python or "
                        "```{.python option=value} on a line of its own, without a backtick in its options, "
                        "not in a quotation or behind a list marker", path=path, line=number)
