"""The inline expressions of a page, `{python} code` between two backticks, and what looks like one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .errors import BookError
from .fences import Fault
from .scan import Scan

EXPRESSION = re.compile(r"\{python\} +(?P<code>.*?) *$")
UNREAD = "an inline expression that cannot be read; expected `{python} expression` between two backticks on one line"


@dataclass(frozen=True)
class Expression:
    """An inline expression in the prose."""

    line: int
    start: int  # columns in that line
    end: int
    code: str


def expressions_of(page: Scan, path: str) -> list[Expression]:
    """In the order of the page; `` `{python} 1` `` in longer backticks is shown, not evaluated. BookError for the first
    that cannot be read."""
    found: list[Expression] = []
    faults = list(_strays(page))
    for sentence in page.sentences:
        for span in sentence.inline.code:
            if not span.said.startswith("{python}"):
                continue
            place = sentence.at(span.start)
            line, column = page.line_at(place), place - page.text.rfind("\n", 0, place) - 1
            match = EXPRESSION.fullmatch(span.said)
            if not match or not match["code"] or span.end - span.start > len(span.said) + 2:
                faults.append((line, UNREAD))
            elif sentence.kind == "heading":
                faults.append((line, "an inline expression in a heading; put the number in the text below it"))
            else:
                found.append(Expression(line, column, column + span.end - span.start, match["code"]))
                faults += _no_python(found[-1], path)
    if faults:
        line, message = min(faults)
        raise BookError(message, path=path, line=line)
    return found


def _strays(page: Scan) -> Iterator[Fault]:
    """What stands in no code, and an include in no fence."""
    for number, line in enumerate(page.prose.split("\n"), 1):
        # In a formula `misread` refuses it.
        if "{python}" in line and not any(
                formula.line <= number <= page.line_at(formula.end - 1) for formula in page.formulas):
            yield number, UNREAD
    fenced = {number for fence in page.fences for number in range(fence.line, fence.end + 1)}
    for number, line in enumerate(page.lines, 1):
        if "--8<--" in line and number > page.front_matter and number not in fenced:
            yield number, "an include outside a python fence; only python fences include code"


def _no_python(expression: Expression, path: str) -> Iterator[Fault]:
    try:
        compile(expression.code, f"{path}:{expression.line}", "eval")
    except (SyntaxError, ValueError) as error:
        yield expression.line, f"the inline expression `{expression.code}` is not a Python expression: {error}"
