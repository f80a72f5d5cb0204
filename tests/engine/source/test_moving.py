"""The option `move`: words, a name and its values, the state that the code has, a description of each."""

from __future__ import annotations

import pytest

from book_engine.author.outline import read_outline
from book_engine.source.errors import BookError
from book_engine.source.page import read_page
from book_engine.source.snippets import Section, parse_move, states, still, value_text

FENCE = '# T\n\n```{{.python {}}}\n--8<-- "a.py:one"\n```\n'
CODE = "lr = 0.1  # the rate\ndraw(lr)"


def read(options: str, workbench, code: str = CODE):
    return read_page(FENCE.format(options), workbench.sections(one=code), "docs/en/a.md").blocks[0]


def test_words_name_and_values():
    move = parse_move("learning rate η: lr = 0.1, -2, 1e3, 'a, b', (1, 2)")
    assert (move.words, move.name) == ("learning rate η", "lr")
    assert move.values == ("0.1", "-2", "1000.0", "'a, b'", "(1, 2)")
    assert parse_move("学习率：lr=1,2").words == "学习率"
    assert [value_text(value) for value in ("-2", "'a-b'")] == ["−2", "a-b"]


@pytest.mark.parametrize(("text", "message"), [
    ("lr=0.1,0.2", "no words, name and values"),
    ("rate: lr=", "found 'rate: lr='"),
    ("rate: lr=0.1", "expected at least two, each once"),
    ("rate: lr=1,1", "expected at least two, each once"),
    ("rate: lr=1,x", "numbers or other Python literals"),
    ("rate: 2=1,2", "no words, name and values"),
])
def test_what_cannot_be_read(text, message, workbench):
    with pytest.raises(BookError, match="docs/en/a.md:3: ") as raised:
        read(f'move="{text}" alt="a"', workbench)
    assert message in str(raised.value)


def test_each_state_has_its_code_and_its_description(workbench):
    block = read("move='rate: lr=0.01,0.1'".replace("'", '"') + ' alt="At {lr}: small. | At {lr}: large."', workbench)
    assert block.options.alt == ("At 0.1: large.",), "of the state that the code has"
    assert block.options.move.alt == ("At 0.01: small.", "At 0.1: large.")
    assert states(block.options.move, block.section) == (CODE.replace("0.1", "0.01") + "\n", CODE + "\n")
    assert still(block.options.move, block.section) == 1
    assert read('move="rate: lr=0.1,1" alt="At {lr}."', workbench).options.move.alt == ("At 0.1.", "At 1.")


def test_only_the_value_of_a_line_at_the_margin_is_changed():
    move = parse_move("x: a=1,2")
    section = Section("a.py", "s", "a = 1\nb = a = 3\nif b:\n    a = 4\naa = 5\n", 1)
    assert states(move, section)[1] == "a = 2\nb = a = 3\nif b:\n    a = 4\naa = 5\n"


@pytest.mark.parametrize(("options", "code", "message"), [
    ('alt="a | b"', "x = 1", "has 0 lines 'lr = …'"),
    ('alt="a | b"', "lr = 0.1\nlr = 0.1", "has 2 lines 'lr = …'"),
    ('alt="a | b"', "lr = 0.5", "has 'lr = 0.5', which is not among the values of move= (0.1, 1)"),
    ('alt="a"', CODE, "write one description for each state, separated by ' | ', or one that says the value, as {lr}"),
    ('alt="a | b | c"', CODE, "has 2 states, and alt= describes 3"),
    ('', CODE, "has 2 states, and alt= describes 0"),
    ('alt="a | a"', CODE, "says the same of two states"),
    ('alt="a | b" varies', CODE, "'move' and 'varies' together"),
    ('alt="a | b" raises=KeyError', CODE, "'move' and 'raises' together"),
])
def test_what_does_not_fit_together(options, code, message, workbench):
    with pytest.raises(BookError, match="docs/en/a.md:3: ") as raised:
        read(f'move="rate: lr=0.1,1" {options}', workbench, code)
    assert message in str(raised.value)


def test_not_in_a_lab(workbench):
    text = '---\njupyter: {}\n---\n# T\n\n```python move="rate: lr=0.1,1" alt="a | b"\nlr = 0.1\n```\n'
    with pytest.raises(BookError, match=r"docs/en/labs/a.md:6: the option 'move' in a lab"):
        read_page(text, workbench.root, "docs/en/labs/a.md")


def test_twins_compare_the_states(workbench):
    folder = workbench.sections(one=CODE)
    outline = read_outline(FENCE.format('move="rate: lr=0.1,1" alt="a | b"'), folder, "docs/en/a.md")
    part, = (part for section in outline.sections for part in section.parts)
    assert dict(part.details)["move"] == "lr=0.1,1" and part.alt == ("a", "b")
