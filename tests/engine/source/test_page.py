"""Pages as the build and pytest both read them: blocks, expressions, their places, and what is refused."""

from __future__ import annotations

import pytest

from book_engine.source.errors import BookError
from book_engine.source.front_matter import front_matter_length
from book_engine.source.page import Block, Expression, read_page
from book_engine.source.scan import scan

BODY = '--8<-- "a.py:s"'
FENCE = f"```python\n{BODY}\n```\n"


@pytest.fixture
def read(tmp_path):
    (tmp_path / "a.py").write_text("# --8<-- [start:s]\n1\n# --8<-- [end:s]\n", "utf-8")

    def read(text: str):
        return read_page(text, tmp_path, "docs/en/a.md")

    return read


def places(page) -> list[tuple[str, int]]:
    return [(type(step).__name__, step.line) for step in page.steps]


def test_steps_in_order(read):
    page = read(f"`{{python}} 1` and `{{python}} 2`\n\n{FENCE}\n`{{python}} 3`\n")
    assert [getattr(step, "code", "block") for step in page.steps] == ["1", "2", "block", "3"]
    assert len(page.blocks) == 1


def test_block(read):
    block, = read(f"text\n\n```{{.python raises=TypeError}}\n\n{BODY}\n\n```\n").blocks
    assert (block.line, block.end, block.options.raises, block.section.name) == (3, 7, "TypeError", "s")


def test_front_matter_is_not_read(read):
    assert places(read(f"---\ndescription: '`{{python}} 1`'\n---\n{FENCE}")) == [("Block", 4)]


@pytest.mark.parametrize(("lines", "length"), [
    (["---", "a: b", "---", "x"], 3), (["---", "a: b", "..."], 3), (["text", "---"], 0), ([], 0), (["---", "a"], 0)])
def test_front_matter_length(lines, length):
    assert front_matter_length(lines) == length


@pytest.mark.parametrize("text", [
    FENCE,
    FENCE.replace("```", "````"),
    FENCE.replace("```", "~~~"),
    f"```python\r\n{BODY}\r\n```\r\n",
    f"- item\n\n    ```python\n    {BODY}\n    ```\n",
    f"/// note | T\n{FENCE}///\n",
    f"//// details | T\n    type: code\n\n/// tip | U\n{FENCE}///\n////\n",
    f'```{{ .python  varies }}\n{BODY}\n```\n',
    f"```  python\n{BODY}\n```\n",
], ids=range(9))
def test_found(read, text):
    assert len(read(text).blocks) == 1


@pytest.mark.parametrize("text", [
    f"````markdown\n{FENCE}````\n".replace(BODY, "code"),
    "```text\n`{python} 1`\n```\n",
    "```\nplain\n```\n",
    "```pycon\n>>> 1\n```\n",
    "Show `` `{python} 1` `` in double backticks.\n",
], ids=range(5))
def test_text_not_code(read, text):
    assert read(text).steps == ()


def test_a_fence_inside_a_longer_fence_is_text():
    outer, = scan(f"````md\n{FENCE}````").fences
    assert outer.info == "md"


@pytest.mark.parametrize(("text", "said", "line"), [
    ("```python\nx = 1\n```\n", "one include", 1),
    (f"```python\n{BODY}\nx = 1\n```\n", "one include", 1),
    (f"```python\n{BODY}\n{BODY}\n```\n", "one include", 1),
    ("```python\n```\n", "one include", 1),
    (f"\n\n```python\n{BODY}\n", "never ends", 3),
    ('\n```python\n--8<-- "a.py:t"\n```\n', "no section 't'", 2),
    ('\n```python\n--8<-- "b.py:s"\n```\n', "no snippet file", 2),
    ('\n```python\n--8<-- "../a.py:s"\n```\n', "outside snippets/", 2),
    (f"text\n{BODY}\n", "outside a python fence", 2),
    (f"```text\n{BODY}\n```\n", "python fence", 1),
    ("# A `{python} 1`\n", "heading", 1),
    ("A `{python} 1`\n===\n", "heading", 1),
    ("`{python}1`\n", "cannot be read", 1),
    ("`{python} `\n", "cannot be read", 1),
    ("`{python} 1 +\n1`\n", "cannot be read", 1),
    ("mention of {python} as such\n", "cannot be read", 1),
    ("a\n`{python} x = 1`\n", "not a Python expression", 2),
    ("a\n`{python} import os`\n", "not a Python expression", 2),
    ("a\n`{python} (`\n", "not a Python expression", 2),
    ("a\n`{python} await x`\n", "not a Python expression", 2),
    # Python that a reader would see and nobody would run:
    ("a\n\n> ```python\n> x = 1\n> ```\n", "fence", 3),
    ("a\n\n- ```python\n  x = 1\n  ```\n", "fence", 3),
    (f'a\n\n```{{.python alt="a `tick`"}}\n{BODY}\n```\n\nb\n\n' * 2, "fence", 3),
    (f"a\n\n<!--\n{FENCE}-->\n", "comment", 4),
    ("a\n\n<!-- `{python} 1` -->\n", "comment", 3),
])
def test_refused(read, text, said, line):
    with pytest.raises(BookError) as caught:
        read(text)
    assert said in caught.value.message
    assert (caught.value.path, caught.value.line) == ("docs/en/a.md", line)


def test_broken_snippet_names_the_snippet(tmp_path):
    (tmp_path / "a.py").write_text("# --8<-- [start:s]\n1\n", "utf-8")
    with pytest.raises(BookError) as caught:
        read_page(FENCE, tmp_path, "docs/en/a.md")
    assert (caught.value.path, caught.value.line) == ("snippets/a.py", 1)


def test_expression_place(read):
    line = 'so `{python} f"{1:.2f}"` it is'
    expression, = read(f"a\n{line}\n").steps
    assert expression == Expression(2, 3, 24, 'f"{1:.2f}"')
    assert line[expression.start : expression.end] == '`{python} f"{1:.2f}"`'


def test_tabs_in_an_expression(read):
    """Python-Markdown expands tabs before the extension reads the page; prepare() reads it raw. Both see one code."""
    raw, = read('`{python} len("a\tb")`').steps
    expanded, = read('`{python} len("a\tb")`'.expandtabs(4)).steps
    assert raw.code == expanded.code


def test_pure(read):
    text = f"`{{python}} 1`\n{FENCE}"
    assert read(text) == read(text)
    assert all(isinstance(step, (Block, Expression)) for step in read(text).steps)
