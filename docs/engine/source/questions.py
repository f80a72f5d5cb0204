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
from .expressions import expressions_of, without_code
from .prose import INLINE

OPEN = re.compile(r"^(?P<marks>/{3,}) *question *(?:\| *(?P<asked>\S.*?)? *)?$")
FOLD = re.compile(r"^(?P<marks>/{3,}) *details\b")
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


def questions_of(lines: Sequence[str], covered: set[int], path: str) -> Iterator[Question]:
    """The questions of a page; `covered` are the numbers of lines that are no prose."""
    prose = {number: line for number, line in enumerate(lines, 1) if number not in covered}
    for number, line in prose.items():
        if not (opened := OPEN.match(line)):
            continue
        end = next((below for below in prose if below > number and prose[below].rstrip() == opened["marks"]), None)
        if end is None:
            raise BookError(f"a question that never ends; close it with {opened['marks']}", path=path, line=number)
        if not opened["asked"]:
            raise BookError("a question without words; write /// question | What comes?", path=path, line=number)
        if any(below in covered for below in range(number, end)):
            raise BookError("code inside a question; put the block that tells below it", path=path, line=number)
        answers = tuple(_answer(item, below, path) for below in range(number + 1, end)
                        if (item := ITEM.match(prose[below])))
        if len(answers) < 2 or len({bool(answer.option) for answer in answers}) > 1:
            raise BookError(f"a question has at least two answers, all numbers or all choices; found {len(answers)}. "
                            f"Each is an item such as {EXAMPLE}", path=path, line=number)
        yield Question(number, end, opened["asked"], answers)


def in_folds(lines: Sequence[str], covered: set[int]) -> set[int]:
    """The numbers of the lines inside `/// details`: what stands there tells nothing before it is opened."""
    found, opened = set(), []
    for number, line in enumerate(lines, 1):
        if number not in covered and (begin := FOLD.match(line)):
            opened.append(begin["marks"])
        elif number not in covered and opened and line.rstrip() == opened[-1]:
            opened.pop()
        elif opened:
            found.add(number)
    return found


def _answer(item: re.Match[str], number: int, path: str) -> Answer:
    found = expressions_of(item.string, number, path)
    value, *said = fields(item["text"])
    if len(found) != 1 or not re.fullmatch(r"`[^`]+`", value) or len(said) not in (1, 2) or not all(said):
        raise BookError(f"an answer that cannot be read: {item[0].rstrip()!r}; expected {EXAMPLE}, or, to choose from, "
                        "- `{python} w > 1` | the choice | what to say", path=path, line=number)
    return Answer(number, found[0].code, said[0] if len(said) == 2 else "", said[-1])


def fields(text: str) -> list[str]:
    """The parts of an item, between bars that stand in no code and no formula."""
    bare = INLINE.sub(lambda match: "x" * len(match[0]), without_code(text))
    cuts = [-3, *(match.start() for match in re.finditer(r" \| ", bare)), len(text)]
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
