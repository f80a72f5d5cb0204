"""Fenced code blocks of a page's source, of whatever language, what looks like one and is none; front matter. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

FENCE = re.compile(r"^(?P<indent>[ \t>]*)(?P<marks>`{3,}|~{3,})(?P<info>[^`]*)$")
PYTHON_FENCE = re.compile(r"^[ \t>*+\-.\d)]*(`{3,}|~{3,})\s*\{?\s*\.?\{?(py|python|python3)\b(?!-)", re.IGNORECASE)


@dataclass(frozen=True)
class Fence:
    """A fenced code block as it stands in the page, of whatever language; lines count from 1."""

    line: int
    end: int
    indent: str
    info: str
    body: tuple[str, ...]


Fault = tuple[int, str]  # line, and what is wrong with it


def front_matter_length(lines: Sequence[str]) -> int:
    """Number of lines of the front matter, delimiters included; 0 if there is none."""
    if lines and lines[0].strip() == "---":
        for number, line in enumerate(lines[1:], 2):
            if line.strip() in ("---", "..."):
                return number
    return 0


def fences_in(lines: Sequence[str], after: int) -> tuple[list[Fence], list[Fault]]:
    """Every fence below line `after`, and the faults; a fence shown inside a longer fence is text, not a fence."""
    found, faults, index = [], [], after
    while index < len(lines):
        opened = FENCE.match(lines[index])
        end = _end(lines, index, opened) if opened else 0
        if (not opened or ">" in opened["indent"]) and (fault := stray_fence(lines[index])):
            faults.append((index + 1, fault))
        elif opened and not end:
            faults.append((index + 1, f"a fence that never ends: {opened['marks']}{opened['info']}; close it with "
                                      f"{opened['marks']} on a line of its own, indented as much"))
        if opened and end:
            found.append(Fence(index + 1, end + 1, opened["indent"], opened["info"].strip(),
                               tuple(lines[index + 1 : end])))
            index = end
        index += 1
    return found, faults


def _end(lines: Sequence[str], start: int, opened: re.Match[str]) -> int:
    """Index of the line that closes the fence; 0 if none does, or if a line before it is less indented."""
    before = len(opened["indent"])
    for index in range(start + 1, len(lines)):
        line, match = lines[index], FENCE.match(lines[index])
        if line.strip(" >") and line[:before].strip(" >"):
            return 0
        if match and match["marks"].startswith(opened["marks"]) and not match["info"].strip():
            return index
    return 0


def stray_fence(line: str) -> str | None:
    """What is wrong with Python that would be shown and never run: a fence where Markdown takes none, or under another
    spelling."""
    if not PYTHON_FENCE.match(line):
        return None
    return (f"a python fence that is not read as a block: {line.strip()!r}; write ```python or ```{{.python "
            "option=value} on a line of its own, without a backtick in its options, not in a quotation or behind a "
            "list marker")
