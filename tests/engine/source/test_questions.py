"""Questions in a page's source: what is asked, the answers, when they are evaluated, what is refused."""

from __future__ import annotations

import pytest

from book_engine.author.outline import read_outline
from book_engine.author.text_rules import lines_of
from book_engine.run.answers import fault_of, margin
from book_engine.source.errors import BookError
from book_engine.source.expressions import fields
from book_engine.source.page import Block, read_page

PAGE = """# T

`{{python}} before` and

/// question | How large is $|w|$?
More words.

{}
///

```python
--8<-- "a.py:one"
```

`{{python}} after` and

```python
--8<-- "a.py:two"
```
"""
NUMBER = "- `{python} w` | Right.\n- `{python} w + 1` | One too many."
CHOICE = "- `{python} w > 1` | up | No, $a | b$.\n- `{python} w == 1` | not `x | y` | Yes."


def read(workbench, answers: str = NUMBER, page: str = PAGE):
    return read_page(page.format(answers), workbench.sections(one="1", two="2"), "docs/en/a.md")


def question(workbench, answers: str = NUMBER):
    return read(workbench, answers).questions[0]


def test_a_number(workbench):
    found = question(workbench)
    assert (found.line, found.end, found.asked, found.kind) == (5, 10, "How large is $|w|$?", "number")
    assert [(answer.line, answer.code, answer.said) for answer in found.answers] == [
        (8, "w", "Right."), (9, "w + 1", "One too many.")]


def test_a_choice(workbench):
    found = question(workbench, CHOICE)
    assert found.kind == "choice"
    said = [(answer.option, answer.said) for answer in found.answers]
    assert said == [("up", "No, $a | b$."), ("not `x | y`", "Yes.")]


def test_bars_in_code_and_formulas_part_nothing():
    assert fields("`{python} a | b` | $P(a | b)$ | x|y") == ["`{python} a | b`", "$P(a | b)$", "x|y"]


def test_answers_are_evaluated_behind_the_next_block(workbench):
    """The block that tells the answer stands below the question."""
    steps = read(workbench).steps
    assert [step.section.name if isinstance(step, Block) else step.code for step in steps] == [
        "before", "one", "w", "w + 1", "after", "two"]


def test_a_block_in_a_fold_tells_nothing(workbench):
    block = '```python\n--8<-- "a.py:one"\n```'
    steps = read(workbench, page=PAGE.replace(block, f"/// details | Shared\n\n{block}\n///")).steps
    assert [step.section.name if isinstance(step, Block) else step.code for step in steps] == [
        "before", "one", "after", "two", "w", "w + 1"]


def test_without_a_block_below_they_are_evaluated_where_they_stand(workbench):
    page = PAGE[: PAGE.index("```python")]
    assert [step.code for step in read(workbench, page=page).steps] == ["before", "w", "w + 1"]


@pytest.mark.parametrize(("answers", "line", "message"), [
    ("- `{python} w` | Right.", 5, "at least two answers, all numbers or all choices; found 1"),
    (f"{NUMBER}\n- `{{python}} w` | c | a choice", 5, "at least two answers, all numbers or all choices"),
    (f"{NUMBER}\n- w | typed", 10, "an answer that cannot be read: '- w | typed'; expected - `{python} f"),
    (f"{NUMBER}\n- `{{python}} w`", 10, "an answer that cannot be read"),
    (f"{NUMBER}\n- `{{python}} w` |  | two bars", 10, "an answer that cannot be read"),
    (f"{NUMBER}\n- `{{python}} w +` | no Python", 10, "is not a Python expression"),
    (f"{NUMBER}\n\n```python\n--8<-- \"a.py:one\"\n```", 5, "code inside a question"),
])
def test_what_cannot_be_read(answers, line, message, workbench):
    with pytest.raises(BookError) as raised:
        read(workbench, answers)
    assert str(raised.value).startswith(f"docs/en/a.md:{line}: ") and message in str(raised.value)


@pytest.mark.parametrize(("page", "message"), [
    (PAGE.replace("question | How large is $|w|$?", "question"), "docs/en/a.md:5: a question without words"),
    (PAGE.replace("\n///\n", "\n"), "docs/en/a.md:5: a question that never ends; close it with ///"),
    (PAGE.replace("# T", "---\njupyter: {{}}\n---\n# T").replace('python\n--8<-- "a.py:one"', "python\n1").replace(
        'python\n--8<-- "a.py:two"', "python\n1"), "docs/en/a.md:8: a question in a lab"),
])
def test_a_wrong_frame(page, message, workbench):
    with pytest.raises(BookError) as raised:
        read(workbench, page=page)
    assert message in str(raised.value)


@pytest.mark.parametrize(("answers", "values", "message"), [
    (NUMBER, ["0.25", "0.5"], None),
    (NUMBER, ["−1", "1"], None),
    (NUMBER, ["0.25", "0.250"], "`w + 1` gives 0.250, `w` gives 0.25: nobody could tell"),
    (NUMBER, ["0.25", "0.26"], "nobody could tell"),  # 0.255 would be both
    (NUMBER, ["1000", "1004"], "nobody could tell"),
    (NUMBER, ["3", "4"], None),
    (NUMBER, ["0", "0.0"], "nobody could tell"),
    (NUMBER, ["big", "1"], "the answer `w` gives 'big', which is no number"),
    (NUMBER, ["1", "inf"], "gives 'inf', which is no number"),
    (f"{NUMBER}\n- `{{python}} w - 1` | x", ["1", "2", "2"], "`w - 1` gives 2, `w + 1` gives 2"),
    (CHOICE, ["False", "True"], None),
    (CHOICE, ["True", "True"], "expected one True, the others False"),
    (CHOICE, ["False", "False"], "expected one True"),
    (CHOICE, ["1", "False"], "expected one True"),
])
def test_mistakes_differ_from_the_answer(answers, values, message, workbench):
    fault = fault_of(question(workbench, answers), values)
    assert fault is None if message is None else message in fault


@pytest.mark.parametrize(("text", "expected"), [("0.25", 0.005), ("3", 0.015), ("1,505", 7.525), ("2.0e-05", 5e-7),
                                                ("0", 0), ("−0.5", 0.05)])
def test_margin(text, expected):
    assert margin(text) == pytest.approx(expected)


def test_twins_compare_the_answers(workbench):
    outline = read_outline(PAGE.format(NUMBER), workbench.sections(one="1", two="2"), "docs/en/a.md")
    part, = (part for section in outline.sections for part in section.parts if part.kind == "/// question")
    assert (part.name, part.details) == ("number", {"answer and mistakes": "w, w + 1"})


def test_its_lines_are_read_as_a_question(workbench):
    lines = lines_of(PAGE.format(NUMBER))
    assert [line.number for line in lines if line.kind == "question"] == [5, 6, 8, 9]
