"""The parts of a page that its twin must share, section by section."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..source.blocks import Heading
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
    details: Mapping[str, object] = field(default_factory=dict)
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


@dataclass(frozen=True)
class Section(Heading):
    """A heading, and what stands below it, up to the next."""

    parts: list[Part] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)


@dataclass(frozen=True)
class Outline:
    path: str
    sections: tuple[Section, ...]  # the first has level 0: what stands above the first heading


def read_outline(text: str, snippets: Path, path: str) -> Outline:
    """Raises BookError where the page cannot be read."""
    page, found = read_page(text, snippets, path), scan(text)
    sections = [Section(1, 0, "", None), *(Section(**vars(heading)) for heading in found.headings)]
    starts = [section.line for section in sections]
    for part in sorted([*_symbols(found), *_code(page, found), *_structure(found)], key=lambda part: part.line):
        sections[bisect_right(starts, part.line) - 1].parts.append(part)
    for mention in _mentions(page, found):
        sections[bisect_right(starts, mention.line) - 1].mentions.append(mention)
    return Outline(path, tuple(sections))


def _symbols(page: Scan) -> Iterator[Part]:
    """The page's choices of symbols: the lines below `symbols:` in the front matter."""
    inside = False
    for number, line in enumerate(page.lines[: page.front_matter], 1):
        inside = line.startswith("symbols:") or (inside and line.startswith((" ", "\t")))
        if inside:
            yield Part(number, "front matter's line", line.rstrip())


def _code(page: Page, found: Scan) -> Iterator[Part]:
    """Blocks, fences that do not run, questions."""
    for question in page.questions:
        answers = ", ".join(answer.code for answer in question.answers)
        yield Part(question.line, "/// question", question.kind, {"answer and mistakes": answers})
    for block in page.blocks:
        options, section, move = block.options, block.section, block.options.move
        details = {name: getattr(options, name) for name in ("raises", "timeout", "varies", "folded")}
        details["move"] = move and f"{move.name}={','.join(move.values)}"
        details["figures described by alt"] = len(options.alt)
        yield Part(block.line, "block", f"{section.file}:{section.name}", details, move.alt if move else options.alt,
                   section.code if isinstance(section, Cell) else "")
    running = {block.line for block in page.blocks}
    for fence in found.fences:
        if fence.line not in running:
            yield Part(fence.line, "fence", fence.info, {"body": "\n".join(fence.body)})


def _structure(page: Scan) -> Iterator[Part]:
    """Display formulas, pymdownx blocks with their ends, tables."""
    for formula in page.formulas:
        if formula.display:
            label = LABEL.search(formula.latex)
            yield Part(formula.line, "formula", normal_formula(formula.latex), {"label": label[1] if label else None})
    for mark in page.marks:
        if mark.name and mark.name != "question":
            yield Part(mark.line, f"/// {mark.name}", mark.type)
        if mark.end:
            yield Part(mark.end, "end of a /// block")
    for match in DIRECTIVE.finditer(page.prose):
        yield Part(page.line_at(match.start()), "directive", match["text"])
    for table in page.tables:
        yield Part(table.line, "table", details={"rows": table.rows, "columns": table.columns})


def normal_formula(latex: str) -> str:
    """LaTeX without its label, with texts emptied and one space between tokens."""
    return " ".join(TOKEN.findall(TEXT.sub(r"\\text{}", LABEL.sub("", latex))))


def _mentions(page: Page, found: Scan) -> Iterator[Mention]:
    for _, expression in page.expressions:
        yield Mention(expression.line, "inline expression", expression.code.strip())
    for match in EQREF.finditer(found.prose):
        yield Mention(found.line_at(match.start()), "reference", match[0])
    for match in LINK.finditer(covered(found.prose, [(formula.start, formula.end) for formula in found.formulas])):
        if "://" not in match["target"] and not match["target"].startswith("mailto:"):
            yield Mention(found.line_at(match.start()), "link", match["target"])
    for formula in found.formulas:
        for number in NUMBER.findall(TEXT.sub("", formula.latex)) if not formula.display else ():
            yield Mention(formula.line, "number in a formula", number)
