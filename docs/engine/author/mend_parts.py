"""Gives the sections of twins the same blocks and formulas. Pure: outlines and texts in, edits out.

What is code or formula is taken from the page that leads; sentences, alt texts and words inside formulas stay those of
the page that follows. Nothing is taken out of it: only a person knows what else the passage says.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from ..source.outline import DISPLAY, TEXT, Outline, Part, Section, read_outline
from ..source.page import read_page
from ..source.prose import line_at, mask_code
from .edits import Edit

MOVABLE = ("block", "formula")
SHARED = ("name", "details", "code")
WITH_BLOCK = ("/// figure-caption", "end of a /// block")
ALT = re.compile(r'alt="(?:[^"\\]|\\.)*"')


@dataclass(frozen=True)
class Text:
    """A page: its outline, its lines, and the line after each of its blocks and formulas, by their first."""

    outline: Outline
    lines: tuple[str, ...]
    ends: dict[int, int]

    def of(self, part: Part) -> tuple[str, ...]:
        return self.lines[part.line - 1 : self.ends[part.line] - 1]


def read_parts(text: str, snippets: Path, path: str) -> Text:
    prose = mask_code(text)
    ends = {block.line: block.end + 1 for block in read_page(text, snippets, path).blocks}
    ends |= {line_at(prose, found.start()): line_at(prose, found.end()) + 1 for found in DISPLAY.finditer(prose)}
    return Text(read_outline(text, snippets, path), tuple(text.split("\n")), ends)


def part_edits(leading: Text, following: Text) -> Iterator[Edit]:
    """Edits of `following`, section by section; sections are matched by their ids."""
    known = {section.id: section for section in leading.outline.sections}
    sections = following.outline.sections
    for section, after in zip(sections, [*sections[1:], None], strict=True):
        if section.id in known:
            end = after.line if after else len(following.lines) + (following.lines[-1] != "")
            yield from _section_edits(leading, following, known[section.id], section, end)


def _section_edits(leading: Text, following: Text, one: Section, two: Section, end: int) -> Iterator[Edit]:
    movable = [[part for part in section.parts if part.kind in MOVABLE] for section in (one, two)]
    keys = [[(part.kind, part.name) for part in parts] for parts in movable]
    if keys[0] != keys[1] and Counter(keys[0]) == Counter(keys[1]):
        yield from _in_order(following, keys[0], movable[1])
        return
    everything = [[(part.kind, part.name) for part in section.parts] for section in (one, two)]
    for tag, a, b, c, d in SequenceMatcher(None, *everything, autojunk=False).get_opcodes():
        lefts, rights = one.parts[a:b], two.parts[c:d]
        if tag == "insert":  # only in the page that follows: a person's to say
            continue
        if tag == "delete":
            place = two.parts[c].line if c < len(two.parts) else end
            yield from _inserted(leading, following, lefts, place)
        elif [part.kind for part in lefts] == [part.kind for part in rights]:
            for left, right in zip(lefts, rights, strict=True):
                if left.kind in MOVABLE and any(getattr(left, one) != getattr(right, one) for one in SHARED):
                    yield _replaced(leading, following, left, right)


def _in_order(page: Text, keys: list[tuple[str, str]], parts: list[Part]) -> Iterator[Edit]:
    """The same blocks and formulas, each in the place that it has in the twin; places stay where they are."""
    waiting = list(parts)
    for place, key in zip(parts, keys, strict=True):
        found = next(part for part in waiting if (part.kind, part.name) == key)
        waiting.remove(found)
        if (place.kind, place.name) != key:
            yield Edit(place.line, page.ends[place.line], page.of(found),
                       f"moved the {found} here; read the sentences around it")


def _inserted(leading: Text, following: Text, parts: list[Part], line: int) -> Iterator[Edit]:
    if all(part.kind in MOVABLE + WITH_BLOCK for part in parts):
        for part in parts:
            if part.kind in MOVABLE:
                words = {"block": "describe its figures" if part.alt else "", "formula": "translate its words"
                         if TEXT.search("\n".join(leading.of(part))) else ""}[part.kind]
                note = "; ".join(filter(None, [f"took over the {part}", words, "write the sentences around it"]))
                yield Edit(line, line, leading.of(part), note)


def _replaced(leading: Text, following: Text, part: Part, old: Part) -> Edit:
    """The part as it stands in the page that leads, with the words of the page that follows."""
    pattern = ALT if part.kind == "block" else TEXT
    new = "\n".join(leading.of(part))
    words = [found[0] for found in pattern.finditer("\n".join(following.of(old)))]
    note = f"made the {old} the {part} of the twin" if old.name != part.name else f"gave the {old} the twin's details"
    if len(words) == len(pattern.findall(new)) and (part.kind != "block" or len(part.alt) == len(old.alt)):
        left = iter(words)
        new = pattern.sub(lambda _: next(left), new)
    else:
        note += "; translate its words"
    return Edit(old.line, following.ends[old.line], tuple(new.split("\n")), note)
