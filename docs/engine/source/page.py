"""Reads a page's source: its blocks and inline expressions, in order, with their places.

Pure: text in, data out. The build and pytest both read pages through `read_page`, so they see the same blocks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from .cells import cells_of, is_lab
from .errors import BookError
from .expressions import Expression, Question, expressions_of, in_folds, questions_of
from .fences import Fence
from .options import Options, parse_info, with_states
from .scan import Scan, scan
from .snippets import Section, load_section

INCLUDE = re.compile(r'^\s*--8<--\s+"(?P<reference>[^"]+)"\s*$')


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
    steps: tuple[Block | Expression, ...]  # in page order, but for the expressions of questions: see `_order`
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
    steps: list[Block | Expression] = []
    lab = is_lab(found.lines, found.front_matter)
    if lab:
        steps += [Block(fence.line, fence.end, "", options, cell) for fence, options, cell in cells_of(found, path)]
    for fence in () if lab else found.fences:
        if (options := parse_info(fence, path)) is not None:
            steps.append(_block(fence, options, snippets, path))
        elif any("--8<--" in line for line in fence.body):
            raise BookError("an include outside a python fence; only python fences include code", path=path,
                            line=fence.line)
    expressions = expressions_of(found, path)
    questions = tuple(questions_of(found, expressions, path))
    if lab and questions:
        raise BookError("a question in a lab; its tasks ask already: put it into a chapter", path=path,
                        line=questions[0].line)
    folds = in_folds(found)
    tell = [(step.line, step.end) for step in steps if isinstance(step, Block) and step.line not in folds]
    steps = sorted([*steps, *expressions], key=_order(tell, questions))
    _refuse_commented(found, steps, path)
    return Page(path, tuple(steps), questions)


def _order(blocks: list[tuple[int, int]], questions: tuple[Question, ...]) -> Callable[[Block | Expression], tuple]:
    """Steps run in the order of the page. The expressions of a question run behind the next of the blocks, given by
    their first and last lines: it is what tells."""

    def place(step: Block | Expression) -> tuple:
        inside = next((q for q in questions if isinstance(step, Expression) and q.line < step.line < q.end), None)
        runs = step.line if inside is None else next((end for line, end in blocks if line > inside.end), inside.line)
        return runs, step.line, getattr(step, "start", 0)

    return place


def _block(fence: Fence, options: Options, snippets: Path, path: str) -> Block:
    if len(fence.indent) % 4:
        raise BookError(f"a python fence indented by {len(fence.indent)}; inside a list item indent it by 4",
                        path=path, line=fence.line)
    body = [line for line in fence.body if line.strip()]
    match = INCLUDE.match(body[0]) if len(body) == 1 else None
    if not match:
        raise BookError("the body of a python fence is one include; found "
                        f"{len(body)} line(s) that are not. Move the code to a section of a file in snippets/ "
                        'and write: --8<-- "file.py:section"', path=path, line=fence.line)
    try:
        section = load_section(snippets, match["reference"])
        options = with_states(options, section)
    except BookError as error:
        if error.path:
            raise
        raise BookError(error.message, path=path, line=fence.line) from None
    return Block(fence.line, fence.end, fence.indent, options, section)


def _refuse_commented(page: Scan, steps: Sequence[Block | Expression], path: str) -> None:
    """There is no hidden code: what a page runs, its reader sees."""
    for comment in page.comments:
        first, last = page.line_at(comment.start), page.line_at(comment.end)
        lines = [first + number for number, line in enumerate(comment.said.split("\n")) if "{python}" in line]
        if lines := lines + [step.line for step in steps if isinstance(step, Block) and first <= step.line <= last]:
            raise BookError("code inside an HTML comment; take it out of the comment, or delete it", path=path,
                            line=min(lines))
