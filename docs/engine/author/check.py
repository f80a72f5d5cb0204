"""What can be said of the pages without running them: twins, labels, symbols, house rules. Takes seconds.

A rule for the shape of a chapter takes the page, or its lines, and gives (line number, fault).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, dropwhile

from ..book.book import Book, Source, read_book
from ..book.nav import chapters_of
from ..source.errors import BookError
from ..source.front_matter import check_front_matter
from ..source.misread import refuse_misread
from .outline import Outline, read_outline
from .parity import compare
from .text_rules import HAN, LINE_RULES, Fault, Line, lines_of

LANGUAGES = ("zh", "en")
# Length of a chapter without exercises, questions and sources: letters-only words in English, characters in Chinese.
LENGTH = {"en": (1200, 2500), "zh": (2000, 4500)}
BLOCKS = range(6, 21)
EXERCISES = range(3, 7)
SUMMARY_LINES = 5


@dataclass
class Findings:
    """`errors` must be mended; `missing` is what drafts lack before they are chapters."""

    errors: list[BookError] = field(default_factory=list)
    missing: list[BookError] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)  # paths
    pages: int = 0


def check(book: Book) -> Findings:
    """Everything that is wrong with the pages of the book, as far as no code needs to run."""
    chapters = chapters_of((book.root / "mkdocs.yml").read_text("utf-8"))
    read = read_book(book, LANGUAGES, chapters)
    found = Findings(errors=read.errors, pages=len(read.sources))
    pages: dict[str, list[Source]] = {}
    for source in read.sources.values():
        pages.setdefault(source.page, []).append(source)
    for twins in pages.values():
        for one, other in combinations(twins, 2):
            found.errors += compare(one.text, other.text, one.path, other.path, book.snippets)
    for source in read.sources.values():
        try:
            if draft := is_draft(source):
                found.drafts.append(source.path)
            refuse_misread(source.text, source.path)
            found.errors += copy_faults(source)
            if source.page in chapters:
                (found.missing if draft else found.errors).extend(shape_faults(book, source))
        except BookError as error:
            found.errors.append(error)
    found.errors = list({str(error): error for error in found.errors}.values())  # an unreadable page is met twice
    return found


def is_draft(source: Source) -> bool:
    """Whether the page is still being written: `draft: true` in its front matter."""
    return bool(check_front_matter(source.text, source.path).get("draft"))


def copy_faults(source: Source) -> list[BookError]:
    """What is wrong with the text of a page."""
    lines = lines_of(source.text)
    return _placed(source, (fault for rule in LINE_RULES[source.language] for fault in rule(lines)))


def shape_faults(book: Book, source: Source) -> list[BookError]:
    """What is wrong with the shape of a chapter."""
    lines, page = lines_of(source.text), read_outline(source.text, book.snippets, source.path)
    return _placed(source, [*closing_sections(page), *exercises(page), *blocks(page), *short_summary(lines),
                            *named_sources(lines), *length(lines, source.language)])


def _placed(source: Source, faults: Iterable[Fault]) -> list[BookError]:
    return [BookError(fault, path=source.path, line=line) for line, fault in sorted(faults)]


def closing_sections(page: Outline) -> Iterator[Fault]:
    last = [section for section in page.sections if section.level == 2][-3:]
    if [section.id for section in last] != ["summary", "exercises", "sources"]:
        yield (last[0].line if last else 1,
               f"the last sections are {[section.id for section in last]}, expected summary, exercises, sources")


def exercises(page: Outline) -> Iterator[Fault]:
    """Each exercise has a question, a folded hint, then a folded solution with a block in it."""
    found = [section for section in page.sections if section.level == 3 and (section.id or "").startswith("exercise")]
    line = found[0].line if found else 1
    if len(found) not in EXERCISES:
        yield line, f"{len(found)} exercises, expected {EXERCISES.start} to {EXERCISES.stop - 1}"
    if [section.id for section in found] != [f"exercise-{number}" for number in range(1, len(found) + 1)]:
        yield line, f"the exercises are {[section.id for section in found]}, expected exercise-1, exercise-2, …"
    for section in found:
        folds = [part.name for part in section.parts if part.kind == "/// details"]
        if folds != ["hint", "solution"]:
            yield section.line, f"{section.id} has the folds {folds}, expected hint, then solution"
        elif not any(part.kind == "block" for part in dropwhile(lambda part: part.name != "solution", section.parts)):
            yield section.line, f"{section.id} has no block in its solution"


def blocks(page: Outline) -> Iterator[Fault]:
    count = sum(part.kind == "block" for section in page.sections for part in section.parts)
    if count not in BLOCKS:
        yield 1, f"{count} blocks, expected {BLOCKS.start} to {BLOCKS.stop - 1}"


def short_summary(lines: Sequence[Line]) -> Iterator[Fault]:
    found = [line for line in lines if line.section == "summary" and line.kind in ("text", "item")]
    if not 0 < len(found) <= SUMMARY_LINES:
        yield found[0].number if found else 1, f"{len(found)} lines of summary, expected 1 to {SUMMARY_LINES}"


def named_sources(lines: Sequence[Line]) -> Iterator[Fault]:
    found = [line for line in lines if line.section == "sources"]
    if not any(line.text == "::: rebuilds" for line in found):
        yield found[0].number if found else 1, "the sources have no line '::: rebuilds'; it names the notes' topics"
    for line in found:
        if typed := re.search(r"\bS\d-\d\d\b", line.text):
            yield line.number, f"the topic {typed[0]} is typed; ::: rebuilds names those that docs/data gives the page"


def length(lines: Sequence[Line], language: str) -> Iterator[Fault]:
    text = " ".join(line.text for line in lines if line.section not in ("exercises", "sources")
                    and line.kind not in ("alt", "description", "question"))
    count = len(re.findall(HAN if language == "zh" else r"[A-Za-z]+(?:['’-][A-Za-z]+)*", text))
    low, high = LENGTH[language]
    if not low <= count <= high:
        unit = {"en": "words", "zh": "characters"}[language]
        yield 1, f"{count} {unit} without exercises, questions and sources, expected {low} to {high}"
