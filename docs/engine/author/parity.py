"""Twins: a page in two languages has the same structure, and its sentences are free.

Headings and parts are aligned before they are compared: one that is missing makes nothing else differ.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path, PurePosixPath

from ..source.errors import BookError
from .outline import Mention, Outline, Part, Section, read_outline

ENGLISH_ID = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
COUNTED = "inline expression"  # how often it stands in a section counts; for the rest, whether


def compare(zh: str, en: str, zh_path: str, en_path: str, snippets: Path) -> list[BookError]:
    """Where two pages that should be twins differ; each error stands in one and names the line of the other."""
    try:
        twins = Twins(read_outline(zh, snippets, zh_path), read_outline(en, snippets, en_path))
    except BookError as error:
        return [error]
    return [*_own_headings(twins.one), *_own_headings(twins.two), *twins.differences()]


def _own_headings(page: Outline) -> Iterator[BookError]:
    """Faults of one page's headings that need no twin to be seen."""
    headings = page.sections[1:]
    if not headings or headings[0].level != 1:
        yield BookError(f"found no heading of level 1 first; expected '# Title {{#{PurePosixPath(page.path).stem}}}'",
                        path=page.path, line=headings[0].line if headings else 1)
    for heading in headings:
        if fault := _id_fault(heading, page):
            yield BookError(f"the heading {heading.text!r} {fault}", path=page.path, line=heading.line)


def _id_fault(heading: Section, page: Outline) -> str | None:
    name = PurePosixPath(page.path).stem
    if heading.id is None:
        return "has no id; give it an English one, the same in both languages: ## Heading {#some-id}"
    if heading.level == 1 and heading.id != name:
        return f"has the id {heading.id!r}, expected {name!r}, the name of the file"
    if not ENGLISH_ID.fullmatch(heading.id):
        return f"has the id {heading.id!r}; expected small English letters, digits and hyphens"
    return None


@dataclass(frozen=True)
class Twins:
    """`one` says what is expected, `two` is where the errors are placed."""

    one: Outline
    two: Outline

    def _error(self, message: str, line: int, expected_line: int, hint: str) -> BookError:
        return BookError(f"{message} as at {self.one.path}:{expected_line}. {hint}", path=self.two.path, line=line)

    def differences(self) -> Iterator[BookError]:
        ones, twos = self.one.sections, self.two.sections
        pairs: set[tuple[int, int]] = {(len(ones), len(twos))}
        for same, left, right in _aligned(*([(s.level, s.id) for s in sections] for sections in (ones, twos))):
            if same:
                pairs |= set(zip(range(left.start, left.stop), range(right.start, right.stop), strict=True))
            else:
                yield from self._headings(left, right)
        # Just above a heading that its twin lacks, sections hold different things, as they do below it.
        for a, b in sorted(pairs)[:-1]:
            if (a + 1, b + 1) in pairs:
                yield from self._sections(ones[a], twos[b])

    def _headings(self, left: slice, right: slice) -> Iterator[BookError]:
        lefts, rights = self.one.sections[left], self.two.sections[right]
        if len(lefts) == len(rights):
            for expected, found in zip(lefts, rights, strict=True):
                if not _id_fault(expected, self.one) and not _id_fault(found, self.two):  # else it is told of already
                    yield self._error(f"found {_heading(found)}, expected {_heading(expected)}", found.line,
                                      expected.line, "Headings of twins have the same order, levels and ids")
            return
        yield self._error(f"found {_all([*map(_heading, rights)])}, expected {_all([*map(_heading, lefts)])}",
                          (rights or self.two.sections[right.start - 1 :])[0].line,
                          (lefts or self.one.sections[left.start - 1 :])[0].line,
                          "Write what is missing, or take it out of both")

    def _sections(self, expected: Section, found: Section) -> Iterator[BookError]:
        keys = [[(part.kind, part.name) for part in section.parts] for section in (expected, found)]
        for same, left, right in _aligned(*keys):
            lefts, rights = expected.parts[left], found.parts[right]
            if same or [part.kind for part in lefts] == [part.kind for part in rights]:
                for a, b in zip(lefts, rights, strict=True):
                    yield from self._parts(a, b)
            else:
                yield self._error(f"found {_all([*map(str, rights)])}, expected {_all([*map(str, lefts)])}",
                                  rights[0].line if rights else _line_before(found, right.start),
                                  lefts[0].line if lefts else _line_before(expected, left.start),
                                  "Twins have the same blocks, formulas, notes, tables and symbols in the same order")
        for kind in ("inline expression", "reference", "link", "number in a formula"):
            yield from self._mentions(expected, found, kind)

    def _parts(self, expected: Part, found: Part) -> Iterator[BookError]:
        if expected.name != found.name:
            yield self._error(f"found the {found}, expected the {expected}", found.line, expected.line,
                              "Twins show the same")
            return
        for name, wanted in expected.details.items():
            if wanted != found.details[name]:
                yield self._error(f"the {found} has {name}: {found.details[name]}, expected {name}: {wanted}",
                                  found.line, expected.line, "Make the two equal")
        lines = zip_longest(expected.code.splitlines(), found.code.splitlines())
        for number, (wanted, line) in enumerate(lines, 1):
            if wanted != line:
                yield self._error(f"the {found} has the line {line!r}, expected {wanted!r}", found.line + number,
                                  expected.line + number, "Labs have the same code in both languages")
                break  # what follows may be shifted only
        for text in set(expected.alt) & set(found.alt):
            yield self._error(f"the {found} has the same alt text in both languages, {text!r}; expected a translation",
                              found.line, expected.line, "Describe the figure in the language of the page")

    def _mentions(self, expected: Section, found: Section, kind: str) -> Iterator[BookError]:
        wanted, got = ([mention for mention in section.mentions if mention.kind == kind]
                       for section in (expected, found))
        for missing, extra in zip_longest(_without(wanted, got), _without(got, wanted)):
            yield self._error(f"in {{#{found.id}}}: found {_mention(kind, extra)}, expected {_mention(kind, missing)}",
                              (extra or found).line, (missing or expected).line, "Sentences "
                              "are free, but both pages give the same numbers, references and links in a section")


def _without(some: Sequence[Mention], others: Sequence[Mention]) -> Iterator[Mention]:
    """Those that the others lack."""
    left = Counter(mention.value for mention in others)
    for mention in some:
        if not left[mention.value]:
            yield mention
        left[mention.value] = max(0, left[mention.value] - 1) if mention.kind == COUNTED else 1


def _mention(kind: str, mention: Mention | None) -> str:
    return f"the {kind} {mention.value}" if mention else f"no such {kind}"


def _heading(section: Section) -> str:
    return f"the heading {'#' * section.level} {{#{section.id}}}"


def _line_before(section: Section, index: int) -> int:
    return section.parts[index - 1].line if index else section.line


def _aligned(one: list, two: list) -> Iterator[tuple[bool, slice, slice]]:
    for tag, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        yield tag == "equal", slice(a, b), slice(c, d)


def _all(names: Sequence[str]) -> str:
    if len(names) > 1:
        return f"{names[0]} and {len(names) - 1} more"
    return names[0] if names else "nothing"
