"""The parts of a page that its twin must share, section by section. Pure: text in, data out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..source.inline import LINK, covered
from ..source.labels import EQREF, LABEL
from ..source.page import Cell, Page, read_page
from ..source.scan import DIRECTIVE, Scan, scan

TEXT = re.compile(r"\\text(?:bf|it|rm)?\s*\{[^{}]*\}")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\S", re.S)


@dataclass(frozen=True)
class Part:
    """Something that stands in both twins at the same place: `kind` and `name` say which, `details` how."""

    line: int
    kind: str
    name: str = ""
    details: tuple[tuple[str, object], ...] = ()
    alt: tuple[str, ...] = ()
    code: str = ""  # of a lab's cell, which stands in the page itself

    def __str__(self) -> str:
        name = self.name if len(self.name) <= 60 else f"{self.name[:60]}…"
        return f"{self.kind} {name}".strip()


@dataclass(frozen=True)
class Mention:
    """Something that stands in a sentence of the same section, wherever the sentence has it."""

    line: int
    kind: str  # "inline expression", "reference", "link" or "number in a formula"
    value: str


@dataclass
class Section:
    """What stands below one heading, up to the next. `id` is None where the heading gives none."""

    line: int
    level: int
    id: str | None
    text: str
    parts: list[Part] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)


@dataclass(frozen=True)
class Outline:
    path: str
    sections: tuple[Section, ...]  # the first has level 0: what stands above the first heading
    symbols: tuple[tuple[int, str], ...] = ()  # the page's choices of symbols: lines of its front matter


def read_outline(text: str, snippets: Path, path: str) -> Outline:
    """Raises BookError where the page cannot be read."""
    page, found = read_page(text, snippets, path), scan(text)
    sections = [Section(1, 0, None, ""), *(Section(heading.line, heading.level, heading.id, heading.text)
                                           for heading in found.headings)]
    for part in sorted([*_code(page, found), *_structure(found)], key=lambda part: part.line):
        _section_at(sections, part.line).parts.append(part)
    for mention in [*_expressions(page), *_references(found), *_numbers(found)]:
        _section_at(sections, mention.line).mentions.append(mention)
    return Outline(path, tuple(sections), tuple(_symbols(found)))


def _symbols(page: Scan) -> Iterator[tuple[int, str]]:
    """Number and text of each line below `symbols:` in the front matter."""
    inside = False
    for number, line in enumerate(page.lines[: page.front_matter], 1):
        inside = line.startswith("symbols:") or (inside and line.startswith((" ", "\t")))
        if inside:
            yield number, line.rstrip()


def _section_at(sections: list[Section], line: int) -> Section:
    return max((section for section in sections if section.line <= line), key=lambda section: section.line)


def _code(page: Page, found: Scan) -> Iterator[Part]:
    """Blocks, fences that do not run, questions."""
    for question in page.questions:
        answers = ", ".join(answer.code for answer in question.answers)
        yield Part(question.line, "/// question", question.kind, (("answer and mistakes", answers),))
    for block in page.blocks:
        options, lab, move = block.options, isinstance(block.section, Cell), block.options.move
        yield Part(block.line, "block", f"{block.section.file}:{block.section.name}", (
            ("raises", options.raises), ("timeout", options.timeout), ("varies", options.varies),
            ("folded", options.folded),
            ("move", move and f"{move.name}={','.join(move.values)}"), ("figures described by alt", len(options.alt))),
            move.alt if move else options.alt, block.section.code if lab else "")
    running = {block.line for block in page.blocks}
    for fence in found.fences:
        if fence.line not in running:
            yield Part(fence.line, "fence", fence.info, (("body", "\n".join(fence.body)),))


def _structure(page: Scan) -> Iterator[Part]:
    """Display formulas, pymdownx blocks with their ends, tables."""
    for formula in page.formulas:
        if formula.display:
            label = LABEL.search(formula.latex)
            yield Part(formula.line, "formula", normal_formula(formula.latex),
                       (("label", label[1] if label else None),))
    for mark in page.marks:
        if mark.name and mark.name != "question":
            yield Part(mark.line, f"/// {mark.name}", mark.type)
        if mark.end:
            yield Part(mark.end, "end of a /// block")
    for match in DIRECTIVE.finditer(page.prose):
        yield Part(page.line_at(match.start()), "directive", match["text"])
    for table in page.tables:
        yield Part(table.line, "table", details=(("rows", table.rows), ("columns", table.columns)))


def normal_formula(latex: str) -> str:
    """LaTeX without its label, with texts emptied and one space between tokens."""
    return " ".join(TOKEN.findall(TEXT.sub(r"\\text{}", LABEL.sub("", latex))))


def _expressions(page: Page) -> Iterator[Mention]:
    for _, expression in page.expressions:
        yield Mention(expression.line, "inline expression", expression.code.strip())


def _references(page: Scan) -> Iterator[Mention]:
    for match in EQREF.finditer(page.prose):
        yield Mention(page.line_at(match.start()), "reference", match[0])
    for match in LINK.finditer(covered(page.prose, [(formula.start, formula.end) for formula in page.formulas])):
        if "://" not in match["target"] and not match["target"].startswith("mailto:"):
            yield Mention(page.line_at(match.start()), "link", match["target"])


def _numbers(page: Scan) -> Iterator[Mention]:
    """The numbers in formulas of the text."""
    for formula in page.formulas:
        for number in NUMBER.findall(TEXT.sub("", formula.latex)) if not formula.display else ():
            yield Mention(formula.line, "number in a formula", number)
