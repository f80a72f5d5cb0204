"""Changes of a text by line, each with a note on what was done. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """Lines `start` up to `end`, `end` left out, become `lines`; counted from 1. If start == end they are inserted."""

    start: int
    end: int
    lines: tuple[str, ...]
    note: str


def apply_edits(text: str, edits: Sequence[Edit], path: str) -> tuple[str, list[str]]:
    """The changed text, and "path:line: note" for each edit, with its line in the new text."""
    lines, notes, moved = text.split("\n"), [], 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        start, end = edit.start + moved - 1, edit.end + moved - 1
        new = list(edit.lines)
        if edit.start == edit.end:
            new = _spaced(new, lines[:start])
        lines[start:end] = new
        moved += len(new) - (edit.end - edit.start)
        notes.append(f"{path}:{start + 1 + (not new[0].strip())}: {edit.note}")
    return "\n".join(lines), notes


def _spaced(new: list[str], above: list[str]) -> list[str]:
    """One blank line above and below what is inserted."""
    return ([""] if above and above[-1].strip() else []) + new + [""]
