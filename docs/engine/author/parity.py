"""Twins: a page in two languages has the same structure, and its sentences are free.

Headings and parts are aligned before they are compared: one that is missing makes nothing else differ.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path, PurePosixPath

from ..source.errors import BookError
from .outline import Mention, Outline, Part, Section, read_outline

ENGLISH_ID = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
COUNTED = {"inline expression"}  # how often it stands in a section counts; for the rest, whether


def compare(zh: str, en: str, zh_path: str, en_path: str, snippets: Path) -> list[BookError]:
    """Where two pages that should be twins differ; each error stands in one and names the line of the other."""
    try:
        twins = read_outline(zh, snippets, zh_path), read_outline(en, snippets, en_path)
    except BookError as error:
        return [error]
    return [*_own_headings(twins[0]), *_own_headings(twins[1]), *_differences(*twins)]


def _own_headings(page: Outline) -> Iterator[BookError]:
    """Faults of one page's headings that need no twin to be seen."""
    headings = page.sections[1:]
    name = PurePosixPath(page.path).stem
    if not headings or headings[0].level != 1:
        yield BookError(f"found no heading of level 1 first; expected '# Title {{#{name}}}'", path=page.path,
                        line=headings[0].line if headings else 1)
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


def _differences(one: Outline, two: Outline) -> Iterator[BookError]:
    """`one` says what is expected, `two` is where the errors are placed."""
    for expected, found in zip_longest(one.symbols, two.symbols):
        if expected is None or found is None or expected[1] != found[1]:
            yield _error(f"found {_choice(found)}, expected {_choice(expected)}", two, found[0] if found else 1,
                         one, expected[0] if expected else 1, "Twins choose the same symbols in their front matter")
            break
    pairs: set[tuple[int, int]] = {(len(one.sections), len(two.sections))}
    for same, left, right in _aligned(*([(s.level, s.id) for s in page.sections] for page in (one, two))):
        if same:
            pairs |= set(zip(range(left.start, left.stop), range(right.start, right.stop), strict=True))
        else:
            yield from _heading_differences(one, two, left, right)
    # Just above a heading that its twin lacks, sections hold different things, as they do below it.
    for a, b in sorted(pairs)[:-1]:
        if (a + 1, b + 1) in pairs:
            yield from _section_differences(one, two, one.sections[a], two.sections[b])


def _heading_differences(one: Outline, two: Outline, left: slice, right: slice) -> Iterator[BookError]:
    lefts, rights = one.sections[left], two.sections[right]
    if len(lefts) == len(rights):
        for expected, found in zip(lefts, rights, strict=True):
            if not _id_fault(expected, one) and not _id_fault(found, two):  # else it is told of already
                yield _error(f"found {_heading(found)}, expected {_heading(expected)}", two, found.line,
                             one, expected.line, "Headings of twins have the same order, levels and ids")
        return
    yield _error(f"found {_all(map(_heading, rights))}, expected {_all(map(_heading, lefts))}",
                 two, (rights or two.sections[right.start - 1 :])[0].line,
                 one, (lefts or one.sections[left.start - 1 :])[0].line,
                 "Write what is missing, or take it out of both")


def _heading(section: Section) -> str:
    return f"the heading {'#' * section.level} {{#{section.id}}}"


def _section_differences(
    one: Outline, two: Outline, expected: Section, found: Section
) -> Iterator[BookError]:
    keys = [[(part.kind, part.name) for part in section.parts] for section in (expected, found)]
    for same, left, right in _aligned(*keys):
        lefts, rights = expected.parts[left], found.parts[right]
        if same or [part.kind for part in lefts] == [part.kind for part in rights]:
            for a, b in zip(lefts, rights, strict=True):
                yield from _part_differences(one, two, a, b)
        else:
            yield _error(f"found {_all(map(str, rights))}, expected {_all(map(str, lefts))}",
                         two, rights[0].line if rights else _line_before(found, right.start),
                         one, lefts[0].line if lefts else _line_before(expected, left.start),
                         "Twins have the same blocks, formulas, notes and tables in the same order")
    for kind in ("inline expression", "reference", "link", "number in a formula"):
        yield from _mention_differences(one, two, expected, found, kind)


def _choice(line: tuple[int, str] | None) -> str:
    return f"{line[1].strip()!r}" if line else "no further line under symbols:"


def _line_before(section: Section, index: int) -> int:
    return section.parts[index - 1].line if index else section.line


def _part_differences(one: Outline, two: Outline, expected: Part, found: Part) -> Iterator[BookError]:
    if expected.name != found.name:
        yield _error(f"found the {found}, expected the {expected}", two, found.line, one, expected.line,
                     "Twins show the same")
        return
    for (name, wanted), (_, value) in zip(expected.details, found.details, strict=True):
        if wanted != value:
            yield _error(f"the {found} has {name}: {value}, expected {name}: {wanted}", two, found.line,
                         one, expected.line, "Make the two equal")
    lines = enumerate(zip_longest(expected.code.splitlines(), found.code.splitlines()), 1)
    for number, (wanted, line) in ((number, pair) for number, pair in lines if pair[0] != pair[1]):
        yield _error(f"the {found} has the line {line!r}, expected {wanted!r}", two, found.line + number,
                     one, expected.line + number, "Labs have the same code in both languages")
        break  # what follows may be shifted only
    for text in set(expected.alt) & set(found.alt):
        yield _error(f"the {found} has the same alt text in both languages, {text!r}; expected a translation",
                     two, found.line, one, expected.line, "Describe the figure in the language of the page")


def _mention_differences(
    one: Outline, two: Outline, expected: Section, found: Section, kind: str
) -> Iterator[BookError]:
    wanted, got = (_counted(section.mentions, kind) for section in (expected, found))
    for missing, extra in zip_longest(_in_order(wanted - got, expected), _in_order(got - wanted, found)):
        yield _error(
            f"in {{#{found.id}}}: found {_mention(kind, extra)}, expected {_mention(kind, missing)}",
            two, _line_of(found, kind, extra), one, _line_of(expected, kind, missing),
            "Sentences are free, but both pages give the same numbers, references and links in a section")


def _counted(mentions: Sequence[Mention], kind: str) -> Counter[str]:
    values = [mention.value for mention in mentions if mention.kind == kind]
    return Counter(values if kind in COUNTED else set(values))


def _in_order(values: Counter[str], section: Section) -> list[str]:
    places = [mention.value for mention in section.mentions]
    return sorted(values.elements(), key=places.index)


def _mention(kind: str, value: str | None) -> str:
    return f"no such {kind}" if value is None else f"the {kind} {value}"


def _line_of(section: Section, kind: str, value: str | None) -> int:
    lines = [mention.line for mention in section.mentions if (mention.kind, mention.value) == (kind, value)]
    return lines[0] if lines else section.line


def _aligned(one: list, two: list) -> Iterator[tuple[bool, slice, slice]]:
    for tag, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        yield tag == "equal", slice(a, b), slice(c, d)


def _all(names: Iterable[str]) -> str:
    names = list(names)
    if not names:
        return "nothing"
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _error(message: str, page: Outline, line: int, other: Outline, other_line: int, hint: str) -> BookError:
    return BookError(f"{message} as at {other.path}:{other_line}. {hint}", path=page.path, line=line)
