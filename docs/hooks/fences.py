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
        elif (match and match["marks"].startswith(opened["marks"]) and not match["info"].strip()
              and len(match["indent"].expandtabs(4)) <= len(opened["indent"].expandtabs(4)) + 3):
            found.append(Fence(start, number, opened["indent"], opened["info"].strip(), tuple(lines[start : number - 1])))
            opened = None
    if opened is not None:
        raise BookError(f"a fence that never ends: {opened['marks']}{opened['info']}; close it with "
                        f"{opened['marks']} on a line of its own", path=path, line=start)
    return found


def refuse_lookalikes(fence: Fence, path: str) -> None:
    """A fence of another language holds no include, and is not python under another spelling: that would be shown and
    never run."""
    refuse_stray_fence(fence.indent + "```" + fence.info, fence.line, path)
    for number, line in enumerate(fence.body, fence.line + 1):
        if "--8<--" in line:
            raise BookError("an include outside a python fence; only python fences include code",
                            path=path, line=number)


def refuse_stray_fence(line: str, number: int, path: str) -> None:
    if PYTHON_FENCE.match(line):
        raise BookError(f"a python fence that is not read as a block: {line.strip()!r}; write ```python or "
                        "```{.python option=value} on a line of its own, without a backtick in its options, "
                        "not in a quotation or behind a list marker", path=path, line=number)
