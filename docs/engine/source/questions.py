"""Questions that the page asks before it tells: `/// question | Where does the step land?` … `///`. Pure.

Below the words stands a list, an item for each answer: an inline expression, and what to say to a reader who gives it.
A question for a number has the answer first, then named mistakes; in a choice the expressions are true or false:

    - `{python} f"{w:.2f}"` | The slope is negative, so the step leads to the right.
    - `{python} w > 1` | It overshoots | Twice the distance is too far.

The expressions see what the next block below the question leaves, one that is in no fold: it is the one that tells.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .errors import BookError
from .expressions import Expression
from .inline import inline
from .scan import Scan

ITEM = re.compile(r"^[-*] +(?P<text>\S.*)$")
EXAMPLE = "- `{python} f\"{w:.2f}\"` | what to say to a reader who gives this"


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
        if mark.end is None:
            raise BookError(f"a question that never ends; close it with {mark.slashes}", path=path, line=mark.line)
        if not mark.title:
            raise BookError("a question without words; write /// question | What comes?", path=path, line=mark.line)
        if any(mark.line < fence.line < mark.end for fence in page.fences):
            raise BookError("code inside a question; put the block that tells below it", path=path, line=mark.line)
        answers = tuple(_answer(item, line, [found for found in expressions if found.line == line], path)
                        for line in range(mark.line + 1, mark.end) if (item := ITEM.match(page.lines[line - 1])))
        if len(answers) < 2 or len({bool(answer.option) for answer in answers}) > 1:
            raise BookError(f"a question has at least two answers, all numbers or all choices; found {len(answers)}. "
                            f"Each is an item such as {EXAMPLE}", path=path, line=mark.line)
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


def fault_of(question: Question, values: Sequence[str]) -> str | None:
    """What is wrong with what the expressions gave, or None: a mistake must give another value than the answer."""
    if question.kind == "choice":
        if set(values) - {"True", "False"} or values.count("True") != 1:
            return (f"the answers of the question give {', '.join(values)}; expected one True, the others False, such "
                    "as `{python} bool(w > 1)`")
        return None
    numbers = []
    for answer, text in zip(question.answers, values, strict=True):
        if (number := number_of(text)) is None:
            return f"the answer `{answer.code}` gives {text!r}, which is no number; write f\"{{…:.2f}}\""
        numbers.append((number, margin(text)))
    for index, (number, near) in enumerate(numbers):
        for other, (before, nearby) in enumerate(numbers[:index]):
            if abs(number - before) <= (near + nearby) * (1 + 1e-9):  # margins that touch count
                one, two = (f"`{question.answers[i].code}` gives {values[i]}" for i in (index, other))
                return (f"{one}, {two}: nobody could tell which of the two a reader means; ask with other numbers, or "
                        "leave the mistake out")
    return None


def number_of(text: str) -> float | None:
    try:
        number = float(text.replace("−", "-").replace(",", ""))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def margin(text: str) -> float:
    """How far from the number an answer may lie and be right: half of the last decimal that is shown, or 0.5 %."""
    decimals = re.search(r"\.(\d+)(?:e([+-]?\d+))?", text)
    shown = 0.5 * 10.0 ** (int(decimals[2] or 0) - len(decimals[1])) if decimals else 0.0
    return max(shown, 0.005 * abs(number_of(text) or 0.0))
