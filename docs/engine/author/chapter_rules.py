"""House rules for the shape of a chapter: its length, its blocks, its exercises, its end.

A rule takes the page and gives (line number, fault).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .copy_rules import Fault
from .outline import Outline, Section
from .reading import HAN, Line

# Length of a chapter without exercises, questions and sources: letters-only words in English, characters in Chinese.
LENGTH = {"en": (1200, 2500), "zh": (2000, 4500)}
BLOCKS = range(6, 21)
EXERCISES = range(3, 7)
SUMMARY_LINES = 5


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
        elif not block_in_solution(section):
            yield section.line, f"{section.id} has no block in its solution"


def block_in_solution(section: Section) -> bool:
    kinds = [(part.kind, part.name) for part in section.parts]
    return any(kind == "block" for kind, _ in kinds[kinds.index(("/// details", "solution")) :])


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
    low, high = LENGTH[language]
    count = length_of(lines, language)
    if not low <= count <= high:
        unit = {"en": "words", "zh": "characters"}[language]
        yield 1, f"{count} {unit} without exercises and sources, expected {low} to {high}"


def length_of(lines: Sequence[Line], language: str) -> int:
    text = " ".join(line.text for line in lines if line.section not in ("exercises", "sources")
                    and line.kind not in ("alt", "description", "question"))
    return len(re.findall(HAN if language == "zh" else r"[A-Za-z]+(?:['’-][A-Za-z]+)*", text))
