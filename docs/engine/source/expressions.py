"""Inline code of a line of prose, and the inline expressions among it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import BookError

BACKTICKS = re.compile(r"`+")
EXPRESSION = re.compile(r"\{python\} +(?P<code>.*?) *$")
UNDERLINE = re.compile(r"^ {0,3}(=+|-+) *$")
HEADING = re.compile(r"^ {0,3}#{1,6}\s")


@dataclass(frozen=True)
class Expression:
    """An inline expression in the prose: `{python} code`, between two backticks."""

    line: int
    start: int  # columns in that line
    end: int
    code: str


def code_spans(line: str) -> list[tuple[int, int, str]]:
    """Inline code of a line: start, end and text; a span ends at as many backticks as it starts with."""
    runs = [(match.start(), match.end()) for match in BACKTICKS.finditer(line)]
    spans, index = [], 0
    while index < len(runs):
        start, opened = runs[index]
        ends = [i for i in range(index + 1, len(runs)) if runs[i][1] - runs[i][0] == opened - start]
        if ends:
            spans.append((start, runs[ends[0]][1], line[opened : runs[ends[0]][0]]))
            index = ends[0]
        index += 1
    return spans


def without_code(line: str) -> str:
    """The line with its inline code blanked."""
    for start, end, _ in code_spans(line):
        line = line[:start] + " " * (end - start) + line[end:]
    return line


def expressions_of(line: str, number: int, path: str, below: str = "") -> list[Expression]:
    """The inline expressions of a line of prose; `` `{python} 1` `` in longer backticks is shown, not evaluated.
    `below` is the next line, which may underline a heading."""
    found, outside = [], without_code(line)
    for start, end, text in code_spans(line):
        if end - start == len(text) + 2 and (match := EXPRESSION.fullmatch(text)) and match["code"]:
            found.append(Expression(number, start, end, match["code"]))
        elif text.startswith("{python}"):
            outside += text
    if "{python}" in outside:
        raise BookError("an inline expression that cannot be read; expected `{python} expression` between two "
                        "backticks on one line", path=path, line=number)
    if found and (HEADING.match(line) or UNDERLINE.match(below)):
        raise BookError("an inline expression in a heading; put the number in the text below it",
                        path=path, line=number)
    if "--8<--" in line:
        raise BookError("an include outside a python fence; only python fences include code", path=path, line=number)
    for expression in found:
        try:
            compile(expression.code, f"{path}:{number}", "eval")
        except (SyntaxError, ValueError) as error:
            raise BookError(f"the inline expression `{expression.code}` is not a Python expression: {error}",
                            path=path, line=number) from None
    return found
