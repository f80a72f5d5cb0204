"""Gives the headings of twins the same ids, and their sections the same order. Pure: text in, text and notes out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from ..source.outline import Outline, Section
from .edits import Edit
from .parity import ENGLISH_ID


def id_edits(leading: Outline, following: Outline, english: str) -> tuple[list[Edit], list[Edit]]:
    """Edits of both pages: what `following` has under another id is renamed as in `leading`; where neither has an id,
    one is made of the English heading. `english` is the path of the English page."""
    stem = PurePosixPath(leading.path).stem
    edits: tuple[list[Edit], list[Edit]] = ([], [])
    for page, found in zip((leading, following), edits, strict=True):
        first = page.sections[1] if len(page.sections) > 1 else None
        if first and first.level == 1 and first.id != stem:
            found.append(_renamed(first, stem))
    ones, others = (_unmatched(leading, following), _unmatched(following, leading))
    if [section.level for section in ones] != [section.level for section in others]:
        return edits
    taken = {section.id for page in (leading, following) for section in page.sections}
    for one, other in zip(ones, others, strict=True):
        heading = one.text if leading.path == english else other.text
        name = next((section.id for section in (one, other) if section.id and ENGLISH_ID.fullmatch(section.id)), None)
        name = name or _unused(slug(heading), taken)
        taken.add(name)
        for section, found in ((one, edits[0]), (other, edits[1])):
            if section.id != name:
                found.append(_renamed(section, name))
    return edits


def _unmatched(page: Outline, other: Outline) -> list[Section]:
    """Headings below the first level whose id the twin does not have."""
    known = {section.id for section in other.sections if section.id}
    return [section for section in page.sections if section.level > 1 and section.id not in known]


def _renamed(section: Section, name: str) -> Edit:
    marks = "#" * section.level
    old = f" instead of {{#{section.id}}}" if section.id else ""
    line = f"{marks} {section.text} {{#{name}}}"
    return Edit(section.line, section.line + 1, (line,), f"the heading {section.text!r} has the id {{#{name}}}{old}")


def slug(text: str) -> str:
    """An id made of an English heading: its first words."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"[’']|\$[^$]*\$", "", text.lower()))
    return "-".join(words[:4]) or "section"


def _unused(name: str, taken: set[str | None]) -> str:
    number = 2
    found = name
    while found in taken:
        found, number = f"{name}-{number}", number + 1
    return found


def in_order(text: str, leading: Outline, following: Outline) -> tuple[str, list[str]]:
    """The text of `following` with its sections in the order of `leading`, if both have the very same ones."""
    order, found = ([(s.level, s.id) for s in page.sections[1:]] for page in (leading, following))
    if order == found or sorted(map(str, order)) != sorted(map(str, found)) or len(set(order)) != len(order):
        return text, []
    chunks = dict(zip(found, _chunks(text, following.sections[1:]), strict=True))
    lines = text.split("\n")
    head = "\n".join(lines[: following.sections[1].line - 1]).rstrip("\n")
    moved = [name for (_, name), (_, before) in zip(order, found, strict=True) if name != before]
    mended = "\n\n".join(part for part in (head, *(chunks[key] for key in order)) if part) + "\n"
    names = ", ".join(f"{{#{name}}}" for name in moved)
    return mended, [f"{following.path}: the sections {names} stand in the order of {leading.path}"]


def _chunks(text: str, sections: Sequence[Section]) -> list[str]:
    """The text of each section: its heading, and what stands below it up to the next."""
    lines = text.split("\n")
    ends = [section.line - 1 for section in sections[1:]] + [len(lines)]
    return ["\n".join(lines[section.line - 1 : end]).strip("\n") for section, end in zip(sections, ends, strict=True)]


