"""The parts of a page that its twin must share, section by section. Pure: text in, data out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .cells import Cell
from .fences import fences_of
from .labels import LABEL
from .page import Page, front_matter_length, read_page
from .prose import BODY, INLINE, blank, line_at, mask_code

HEADING = re.compile(r"^ {0,3}(?P<marks>#{1,6})(?=\s)(?P<text>.*)$|^(?P<set>\S.*)\n(?P<line>=+|-+) *$", re.M)
HEADING_ID = re.compile(r"\{[^{}]*#(?P<id>[^\s{}]+)[^{}]*\}\s*#*\s*$")
DISPLAY = re.compile(rf"^[ \t>]*\$\$(?P<latex>{BODY})\$\$[ \t]*$", re.M | re.S)
TEXT = re.compile(r"\\text(?:bf|it|rm)?\s*\{[^{}]*\}")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\S", re.S)
OPEN = re.compile(r"^[ \t]*(?P<marks>/{3,})[ \t]*(?P<name>[\w-]+)[ \t]*(?:\|.*)?\n"
                  r"(?P<options>(?:(?: {4}|\t)[^\n]+\n)*)", re.M)
CLOSE = re.compile(r"^[ \t]*(?P<marks>/{3,})[ \t]*$", re.M)
DIRECTIVE = re.compile(r"^(?P<text>::: ?\S.*?) *$", re.M)
TYPE = re.compile(r"^\s*type:\s*(?P<type>\S+)\s*$", re.M)
TABLE = re.compile(r"^[^\n|]*\|[^\n]*\n"
                   r"(?P<rule>[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*)\n"
                   r"(?P<rows>(?:[^\n]*\S[^\n]*\n)*)", re.M)
EQREF = re.compile(r"\\eqref\{(?P<name>[^{}]*)\}")
LINK = re.compile(r"\]\((?P<target>[^()\s]+)(?:\s+\"[^\"]*\")?\)")


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
    text = text if text.endswith("\n") else text + "\n"
    page, prose = read_page(text, snippets, path), mask_code(text)
    sections = [Section(1, 0, None, ""), *headings(prose)]
    for part in sorted([*_code(page, text), *_structure(prose)], key=lambda part: part.line):
        _section_at(sections, part.line).parts.append(part)
    for mention in [*_expressions(page), *_references(prose), *_numbers(prose)]:
        _section_at(sections, mention.line).mentions.append(mention)
    return Outline(path, tuple(sections), tuple(_symbols(text.split("\n"))))


def _symbols(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Number and text of each line below `symbols:` in the front matter."""
    inside = False
    for number, line in enumerate(lines[: front_matter_length(lines)], 1):
        inside = line.startswith("symbols:") or (inside and line.startswith((" ", "\t")))
        if inside:
            yield number, line.rstrip()


def _section_at(sections: list[Section], line: int) -> Section:
    return max((section for section in sections if section.line <= line), key=lambda section: section.line)


def headings(prose: str) -> Iterator[Section]:
    """The headings of a page whose code is masked."""
    for match in HEADING.finditer(prose):
        text = match["text"] if match["marks"] else match["set"]
        level = len(match["marks"]) if match["marks"] else 1 + (match["line"][0] == "-")
        found = HEADING_ID.search(text)
        yield Section(line_at(prose, match.start()), level, found["id"] if found else None,
                      HEADING_ID.sub("", text).strip())


def _code(page: Page, text: str) -> Iterator[Part]:
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
    for fence in fences_of(text.split("\n"), page.path):
        if fence.line not in running:
            yield Part(fence.line, "fence", fence.info, (("body", "\n".join(fence.body)),))


def _structure(prose: str) -> Iterator[Part]:
    """Display formulas, pymdownx blocks with their ends, tables."""
    for match in DISPLAY.finditer(prose):
        label = LABEL.search(match["latex"])
        yield Part(line_at(prose, match.start()), "formula", normal_formula(match["latex"]),
                   (("label", label[1] if label else None),))
    for match in OPEN.finditer(prose):
        if match["name"] == "question":
            continue
        kind = TYPE.search(match["options"])
        yield Part(line_at(prose, match.start()), f"/// {match['name']}", kind["type"] if kind else "")
    for match in CLOSE.finditer(prose):
        yield Part(line_at(prose, match.start()), "end of a /// block")
    for match in DIRECTIVE.finditer(prose):
        yield Part(line_at(prose, match.start()), "directive", match["text"])
    for match in TABLE.finditer(prose):
        columns = match["rule"].strip().strip("|").count("|") + 1
        yield Part(line_at(prose, match.start()), "table",
                   details=(("rows", match["rows"].count("\n") + 1), ("columns", columns)))


def normal_formula(latex: str) -> str:
    """LaTeX without its label, with texts emptied and one space between tokens."""
    return " ".join(TOKEN.findall(TEXT.sub(r"\\text{}", LABEL.sub("", latex))))


def _expressions(page: Page) -> Iterator[Mention]:
    for _, expression in page.expressions:
        yield Mention(expression.line, "inline expression", expression.code.strip())


def _references(prose: str) -> Iterator[Mention]:
    for match in EQREF.finditer(prose):
        yield Mention(line_at(prose, match.start()), "reference", match[0])
    plain = INLINE.sub(blank, prose)
    for match in LINK.finditer(plain):
        if "://" not in match["target"] and not match["target"].startswith("mailto:"):
            yield Mention(line_at(prose, match.start()), "link", match["target"])


def _numbers(prose: str) -> Iterator[Mention]:
    """The numbers in formulas of the text."""
    text = DISPLAY.sub(blank, prose)
    for formula in INLINE.finditer(text):
        for number in NUMBER.findall(TEXT.sub("", formula[0])):
            yield Mention(line_at(prose, formula.start()), "number in a formula", number)
