"""The inline expressions of a page, `{python} code` between two backticks, and the questions made of them. Pure.

A question is asked before the page tells: `/// question | Where does the step land?` … `///`. Below the words stands a
list, an item for each answer: an inline expression, and what to say to a reader who gives it. One for a number has the
answer first, then named mistakes; in a choice the expressions are true or false:

    - `{python} f"{w:.2f}"` | The slope is negative, so the step leads to the right.
    - `{python} w > 1` | It overshoots | Twice the distance is too far.

The expressions see what the next block below the question leaves, one that is in no fold: it is the one that tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .errors import BookError, errors_at
from .fences import Fault
from .inline import inline
from .scan import Scan

EXPRESSION = re.compile(r"\{python\} +(?P<code>.*?) *$")
ITEM = re.compile(r"^[-*] +(?P<text>\S.*)$")
EXAMPLE = "- `{python} f\"{w:.2f}\"` | what to say to a reader who gives this"
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
                code = match["code"]
                found.append(Expression(line, column, column + span.end - span.start, code))
                try:
                    compile(code, f"{path}:{line}", "eval")
                except (SyntaxError, ValueError) as error:
                    faults.append((line, f"the inline expression `{code}` is not a Python expression: {error}"))
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


@dataclass(frozen=True)
class Answer:
    line: int
    code: str
    option: str  # "" where a number is asked for
    said: str


@dataclass(frozen=True)
class Question:
    line: int
    end: int
    asked: str
    answers: tuple[Answer, ...]

    @property
    def kind(self) -> str:
        return "choice" if self.answers[0].option else "number"


def questions_of(page: Scan, expressions: Sequence[Expression], path: str) -> Iterator[Question]:
    for mark in page.marks:
        if mark.name != "question":
            continue
        with errors_at(path, mark.line):
            if mark.end is None:
                raise BookError(f"a question that never ends; close it with {mark.slashes}")
            if not mark.title:
                raise BookError("a question without words; write /// question | What comes?")
            if any(mark.line < fence.line < mark.end for fence in page.fences):
                raise BookError("code inside a question; put the block that tells below it")
            answers = tuple(_answer(item, line, [found for found in expressions if found.line == line], path)
                            for line in range(mark.line + 1, mark.end) if (item := ITEM.match(page.lines[line - 1])))
            if len(answers) < 2 or len({bool(answer.option) for answer in answers}) > 1:
                raise BookError("a question has at least two answers, all numbers or all choices; found "
                                f"{len(answers)}. Each is an item such as {EXAMPLE}")
        yield Question(mark.line, mark.end, mark.title, answers)


def in_folds(page: Scan) -> set[int]:
    """The numbers of the lines inside `/// details`: what stands there tells nothing before it is opened."""
    return {line for mark in page.marks if mark.name == "details"
            for line in range(mark.line + 1, mark.end or len(page.lines) + 1)}


def _answer(item: re.Match[str], line: int, found: Sequence[Expression], path: str) -> Answer:
    value, *said = fields(item["text"])
    if len(found) != 1 or not re.fullmatch(r"`[^`]+`", value) or len(said) not in (1, 2) or not all(said):
        raise BookError(f"an answer that cannot be read: {item[0].rstrip()!r}; expected {EXAMPLE}, or, to choose from, "
                        "- `{python} w > 1` | the choice | what to say", path=path, line=line)
    return Answer(line, found[0].code, said[0] if len(said) == 2 else "", said[-1])


def fields(text: str) -> list[str]:
    """The parts of an item, between bars that stand in no code and no formula."""
    cuts = [-3, *(match.start() for match in re.finditer(r" \| ", inline(text).bare)), len(text)]
    return [text[begin + 3 : end].strip() for begin, end in zip(cuts, cuts[1:])]
