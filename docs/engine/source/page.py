"""Reads a page's source: its blocks and inline expressions, in order, with their places.

The build and pytest both read pages through `read_page`, so they see the same blocks.

A page with `jupyter:` in its front matter is a lab: a notebook written as Markdown (jupytext's own form), so its code
stands in its fences. Its cells become blocks like those of a chapter, so both are run, kept, compared and tested by the
same code. Their lines count as if the code of all cells stood in one file: twins, whose sentences differ in length,
then share one run. `in_file` says where such a line stands in the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path, PurePath

from .errors import BookError, errors_at
from .expressions import Expression, Question, expressions_of, in_folds, questions_of
from .fences import Fence, Options, parse_info
from .scan import Scan, scan
from .snippets import Section, described, load_section, still

INCLUDE = re.compile(r'^\s*--8<--\s+"(?P<reference>[^"]+)"\s*$')


@dataclass(frozen=True)
class Cell(Section):
    """A lab's cell; `name` is the id of the heading above it."""

    line: int  # of `code` in the page


@dataclass(frozen=True)
class Block:
    """A python fence: code that runs."""

    line: int
    end: int
    indent: str
    options: Options
    section: Section


@dataclass(frozen=True)
class Page:
    path: str
    steps: tuple[Block | Expression, ...]  # in page order, but for the expressions of questions
    questions: tuple[Question, ...] = ()

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(step for step in self.steps if isinstance(step, Block))

    @property
    def expressions(self) -> list[tuple[int, Expression]]:
        """The inline expressions, each with the number of blocks that run before it."""
        before = accumulate(int(isinstance(step, Block)) for step in self.steps)
        return [(count, step) for count, step in zip(before, self.steps) if isinstance(step, Expression)]


def read_page(text: str, snippets: Path, path: str = "<string>") -> Page:
    """The steps of a page."""
    found = scan(text)
    for line, fault in found.faults:
        raise BookError(fault, path=path, line=line)
    lab = is_lab(found.lines, found.front_matter)
    blocks = _cells(found, path) if lab else _blocks(found, snippets, path)
    expressions = expressions_of(found, path)
    questions = tuple(questions_of(found, expressions, path))
    if lab and questions:
        raise BookError("a question in a lab; its tasks ask already: put it into a chapter", path=path,
                        line=questions[0].line)
    _refuse_commented(found, blocks, path)
    folds = in_folds(found)
    telling = [block for block in blocks if block.line not in folds]

    def order(step: Block | Expression) -> tuple:
        """As on the page; the expressions of a question run behind the next block that tells."""
        runs = step.line
        for question in questions:
            if question.line < step.line < question.end:
                runs = next((block.end for block in telling if block.line > question.end), question.line)
        return runs, step.line, getattr(step, "start", 0)

    return Page(path, tuple(sorted([*blocks, *expressions], key=order)), questions)


def _blocks(page: Scan, snippets: Path, path: str) -> list[Block]:
    blocks = []
    for fence in page.fences:
        options = parse_info(fence, path)
        with errors_at(path, fence.line):
            if options is not None:
                blocks.append(_block(fence, options, snippets))
            elif any("--8<--" in line for line in fence.body):
                raise BookError("an include outside a python fence; only python fences include code")
    return blocks


def _block(fence: Fence, options: Options, snippets: Path) -> Block:
    if len(fence.indent) % 4:
        raise BookError(f"a python fence indented by {len(fence.indent)}; inside a list item indent it by 4")
    body = [line for line in fence.body if line.strip()]
    match = INCLUDE.match(body[0]) if len(body) == 1 else None
    if not match:
        raise BookError(f"the body of a python fence is one include; found {len(body)} line(s) that are not. Move the "
                        'code to a section of a file in snippets/ and write: --8<-- "file.py:section"')
    section = load_section(snippets, match["reference"])
    if options.move:
        move = described(options.move, options.alt)
        options = replace(options, move=move, alt=(move.alt[still(move, section)],))  # what the code draws
    return Block(fence.line, fence.end, fence.indent, options, section)


def is_lab(lines: Sequence[str], front_matter: int) -> bool:
    """Whether the front matter, so many lines long, makes a notebook of the page."""
    return any(line.startswith("jupyter:") for line in lines[:front_matter])


def _cells(page: Scan, path: str) -> list[Block]:
    blocks, first_line = [], 1
    for fence in page.fences:
        with errors_at(path, fence.line):
            options, code = _cell_options(fence, path), "\n".join(fence.body).rstrip()
            if options is None:
                continue
            if fence.indent:
                raise BookError("an indented cell; a notebook has no cell inside a list: take the indentation away")
            if not code.strip():
                raise BookError("an empty cell; write its code, or delete it")
            if "--8<--" in code:
                raise BookError("an include in a lab; its cells hold their code themselves, so that the notebook runs "
                                "anywhere: write the code into the cell")
        above = [heading.id for heading in page.headings if heading.id and heading.line < fence.line]
        cell = Cell(f"labs/{PurePath(path).stem}", above[-1] if above else "top", f"{code}\n", first_line,
                    fence.line + 1)
        blocks.append(Block(fence.line, fence.end, "", options, cell))
        first_line += code.count("\n") + 1
    return blocks


def _cell_options(fence: Fence, path: str) -> Options | None:
    """jupytext writes a cell's metadata behind the language: ```python alt="…"."""
    language, _, rest = fence.info.partition(" ")
    if language == "python":
        fence = replace(fence, info=f"{{.python {rest}}}")
    elif fence.info.startswith("{") and "python" in fence.info:
        raise BookError(f"found the fence ```{fence.info}; in a lab write ```python key=\"value\", as jupytext does")
    options = parse_info(fence, path)
    if options and options.move:
        raise BookError("the option 'move' in a lab; figures that move stand in chapters: draw the states side by side")
    return options


def in_file(place: str, sections: Sequence[Section], path: str) -> str:
    """A place that a run gives, `file:line`, as the place in the page at `path` if it lies in one of its cells."""
    file, _, line = place.rpartition(":")
    for section in sections:
        if isinstance(section, Cell) and file == section.path:
            below = int(line) - section.first_line
            if 0 <= below < section.code.count("\n"):
                return f"{path}:{section.line + below}"
    return place


def _refuse_commented(page: Scan, blocks: Sequence[Block], path: str) -> None:
    """There is no hidden code: what a page runs, its reader sees."""
    for comment in page.comments:
        first, last = page.line_at(comment.start), page.line_at(comment.end)
        lines = [first + number for number, line in enumerate(comment.said.split("\n")) if "{python}" in line]
        if lines := lines + [block.line for block in blocks if first <= block.line <= last]:
            raise BookError("code inside an HTML comment; take it out of the comment, or delete it", path=path,
                            line=min(lines))
