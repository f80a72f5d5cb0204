"""The Markdown extension on strings of Markdown, with mkdocs.yml's extensions around it and without MkDocs."""

from __future__ import annotations

import re
import subprocess
import sys

import markdown
import pytest
from bs4 import BeautifulSoup

from book_engine.markdown.context import BookContext, PageContext
from book_engine.markdown.extension import BookExtension
from book_engine.run.output import Output
from book_engine.run.results import Failure, Result
from book_engine.source.errors import BookError

S = '--8<-- "a.py:s"'
FENCE = f"```python\n{S}\n```"
PRINTS = {"s": "print('ran')"}
FAILS = {"s": "x = 1\n\n1 / 0"}


def cells(html: str) -> list:
    return BeautifulSoup(html, "html.parser").select("div.cell")


def outputs(html: str, kind: str) -> list[str]:
    return [element.get_text() for element in BeautifulSoup(html, "html.parser").select(f".cell-{kind}")]


def test_a_block_becomes_a_cell(workbench):
    html = workbench.html(f"# T {{#t}}\n\n{FENCE}\n\nafter", s="print('a < b')\n'<i>'")
    cell, = cells(html)
    assert cell.select_one(".cell-code").get_text() == "print('a < b')\n'<i>'\n"
    assert (outputs(html, "stdout"), outputs(html, "value")) == (["a < b"], ["'<i>'"])
    assert "--8" not in html and "wzxhzdk" not in html and "<p>after</p>" in html


def test_blocks_share_a_namespace_in_page_order(workbench):
    html = workbench.html(f'{FENCE}\n\n```python\n--8<-- "a.py:t"\n```\n', s="x = 2", t="x * 21")
    assert outputs(html, "value") == ["42"]


def test_same_section_twice_runs_twice(workbench):
    html = workbench.html(f'```python\n--8<-- "a.py:start"\n```\n\n{FENCE}\n\n{FENCE}\n', start="n = 0", s="n += 1\nn")
    assert outputs(html, "value") == ["1", "2"]


PLACES = {
    "after a paragraph without a blank line": f"text before\n{FENCE}\ntext after",
    "after a heading without a blank line": f"## H {{#h}}\n{FENCE}\n",
    "in a list": f"- a\n\n    ```python\n    {S}\n    ```\n\n- b",
    "in a tight list": f"- a\n    ```python\n    {S}\n    ```\n- b",
    "in a nested list": f"- a\n\n    - b\n\n        ```python\n        {S}\n        ```\n",
    "in a numbered list": f"1. a\n\n    ```python\n    {S}\n    ```\n\n2. b",
    "in a note": f"/// note | T\n{FENCE}\n///",
    "in a fold": f"/// details | T\n    type: hint\n\n{FENCE}\n\n///",
    "in a note in a fold": f"//// details | T\n    type: hint\n\n/// note | U\n{FENCE}\n///\n////",
    "with tildes": f"~~~python\n{S}\n~~~",
    "with four backticks": f"````python\n{S}\n````",
    "at the very end": f"text\n\n{FENCE}",
    "after a table": f"|a|\n|-|\n|1|\n\n{FENCE}",
    "between two paragraphs": f"a\n\n{FENCE}\n\nb",
    "after a formula": f"$$\nx\n$$\n\n{FENCE}",
}


@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES)
def test_places(workbench, text):
    """Wherever a block may stand it runs once, and comes out as a block of its own: not in a paragraph, not as text."""
    html = workbench.html(text, **PRINTS)
    cell, = cells(html)
    assert outputs(html, "stdout") == ["ran"]
    assert not {"p", "pre", "code"} & {parent.name for parent in cell.parents}
    assert "wzxhzdk" not in html and "```" not in html and "~~~" not in html and "///" not in html
    assert len(workbench.page.blocks) == 1


def test_places_keep_their_surroundings(workbench):
    soup = BeautifulSoup(workbench.html(PLACES["in a list"], **PRINTS), "html.parser")
    assert len(soup.select("ul")) == 1 and len(soup.select("li")) == 2 and soup.select_one("li .cell")
    soup = BeautifulSoup(workbench.html(PLACES["in a note in a fold"], **PRINTS), "html.parser")
    assert soup.select_one("details.hint .admonition.note .cell")
    soup = BeautifulSoup(workbench.html(PLACES["after a paragraph without a blank line"], **PRINTS), "html.parser")
    assert [p.get_text() for p in soup.select("p")] == ["text before", "text after"]


@pytest.mark.parametrize("text", [
    f"text\n\n    ```python\n    {S}\n    ```\n",
    f"1. a\n\n   ```python\n   {S}\n   ```\n\n2. b",
], ids=["indented without a list", "three spaces"])
def test_places_that_would_break_the_page(workbench, text):
    with pytest.raises(BookError) as caught:
        workbench.html(text, **PRINTS)
    assert caught.value.path == "docs/en/a.md" and caught.value.line


def test_other_fences_are_left_to_superfences(workbench):
    html = workbench.html("```text\nplain\n```\n\n```console\n$ ls\n```\n")
    assert cells(html) == [] and "plain" in html


VALUES = [
    ("Sum `{python} 1 + 1`.", "<p>Sum 2.</p>"),
    ("**`{python} 1`** and *`{python} 2`*", "<p><strong>1</strong> and <em>2</em></p>"),
    ("`{python} '<b>&amp;'`", "<p>&lt;b&gt;&amp;amp;</p>"),
    ("`{python} '*a* _b_ $x$ [q](z)'`", "<p>*a* _b_ $x$ [q](z)</p>"),
    ("x`{python} ''`y", "<p>xy</p>"),
    ("`{python} '数'`数`{python} 2`", "<p>数数2</p>"),
    ("[see `{python} 3`](#t)", '<p><a href="#t">see 3</a></p>'),
    ("|a|b|\n|-|-|\n|`{python} 1`|`{python} 'x|y'`|", "x|y"),
    ("- `{python} 1`\n- b", "<li>1</li>"),
    ("> `{python} 1`", "<p>1</p>"),
    ("/// note | Title `{python} 3`\nbody\n///", 'admonition-title">Title 3</p>'),
    ('`{python} len("a\tb")`', "6"),
]


@pytest.mark.parametrize(("text", "expected"), VALUES, ids=range(len(VALUES)))
def test_values(workbench, text, expected):
    html = re.sub(r'<span class="value">(.*?)</span>', r"\1", workbench.html(text, s="1"))
    assert expected in html and "wzxhzdk" not in html


def test_values_of_one_line_in_order(workbench):
    html = workbench.html("`{python} 1` `{python} 2` `{python} 1`\n\n`{python} 3`", s="1")
    assert re.findall(r'class="value">(\d)', html) == ["1", "2", "1", "3"]


def test_a_value_inside_a_formula_is_refused(workbench):
    with pytest.raises(BookError) as caught:
        workbench.html("text\n\n$a = `{python} 1`$", s="1")
    assert caught.value.line == 3 and "\x02" not in str(caught.value)


@pytest.mark.parametrize(("sections", "said"), [
    (FAILS, "docs/en/a.md:3: block 1 (snippets/a.py:4, section 's'): ZeroDivisionError: division by zero"),
    ({"s": "if"}, "docs/en/a.md:3: block 1 (snippets/a.py:2, section 's'): SyntaxError"),
    ({"t": "1"}, "docs/en/a.md:3: no section 's' in snippets/a.py"),
])
def test_errors(workbench, sections, said):
    with pytest.raises(BookError) as caught:
        workbench.html(f"text\n\n{FENCE}", **sections)
    assert str(caught.value).startswith(said)


def test_places_are_those_of_the_file():
    """Builders take the front matter off, or leave it; messages name lines of the file all the same."""
    whole = f"---\ndescription: x\n---\n`{{python}} 1`\n{FENCE}\n".split("\n")
    context = PageContext(source="\n".join(whole))
    assert context.before(whole[3:]) + whole[3:] == whole == context.before(whole) + whole


def test_error_line_counts_the_front_matter(workbench):
    """MkDocs hands over the text without front matter; the message names the line of the file."""
    workbench.sections(**FAILS)
    body = f"# T\n\n{FENCE}\n"
    page = workbench.named(f"---\ndescription: d\n---\n\n{body}\n\n")
    failed = Result([], {}, Failure(0, None, "bad", None))
    book = BookExtension(BookContext(workbench.root, results={"docs/en/a.md": failed}))
    with pytest.raises(BookError) as caught:
        markdown.markdown(body, extensions=["pymdownx.arithmatex", page, book])
    assert caught.value.line == 7


@pytest.mark.parametrize(("blocks", "values"), [([], {(0, "1"): "1"}), ([Output()] * 2, {(0, "1"): "1"})])
def test_as_many_blocks_as_fences(workbench, blocks, values):
    """The count of what ran is compared with the count of fences, whatever gave the result."""
    workbench.sections(s="1")
    book = BookExtension(BookContext(workbench.root, run=lambda page: Result(blocks, values)))
    with pytest.raises(BookError, match=f"1 python fences, but {len(blocks)} blocks ran"):
        markdown.markdown(f"`{{python}} 1`\n\n{FENCE}", extensions=["pymdownx.arithmatex", book])


def test_a_value_that_is_missing_is_an_error(workbench):
    book = BookExtension(BookContext(run=lambda page: Result([], {})))
    with pytest.raises(BookError, match="was not evaluated"):
        markdown.markdown("`{python} 1`", extensions=["pymdownx.arithmatex", book])


def test_serve_shows_the_failure_where_it_happened(workbench):
    """What ran before stands with its output; what did not run stands as code; the message is in between."""
    text = f'```python\n--8<-- "a.py:ok"\n```\n\n{FENCE}\n\n```python\n--8<-- "a.py:later"\n```\n\nso `{{python}} z`'
    html = workbench.html(text, show_errors=True, ok="print('good')", later="z = 3", **FAILS)
    alert, = BeautifulSoup(html, "html.parser").select('[role="alert"]')
    assert "docs/en/a.md:5: block 2 (snippets/a.py:" in alert.get_text() and "ZeroDivisionError" in alert.get_text()
    assert outputs(html, "stdout") == ["good"]
    assert html.index("good") < html.index("ZeroDivisionError") < html.index("z")
    assert 'class="value">?<' in html


@pytest.mark.parametrize("text", [
    "```{.python unknown}\n" + S + "\n```\n\ntext `{python} 1`",
    '```python\n--8<-- "a.py:nothing"\n```\n\ntext',
    "text\n\n`{python} x = 1`",
    f"text\n\n{FENCE}",
    "text\n\n$\\frac{x$",
    "text\n\n\\eqref{nothing}",
], ids=["option", "section", "expression", "alt", "formula", "reference"])
def test_serve_shows_every_error(workbench, text):
    html = workbench.html(text, show_errors=True, s="import matplotlib.pyplot as plt\nfig = plt.figure()")
    assert BeautifulSoup(html, "html.parser").select_one('[role="alert"]').get_text().startswith("docs/en/a.md:")


def test_messages_are_escaped(workbench):
    html = workbench.html(FENCE, show_errors=True, s="raise ValueError('<script>alert(1)</script>')")
    assert "<script>" not in html


def test_state_belongs_to_one_instance(workbench):
    """Two instances made from one extension, used in turns, as a builder that renders pages side by side does."""
    workbench.sections(s="1")
    results = {f"docs/en/{name}.md": Result([Output(name)], {}) for name in ("one", "two")}
    book = BookExtension(BookContext(workbench.root, results=results))
    one, two = (markdown.Markdown(extensions=["pymdownx.arithmatex", workbench.named(FENCE, name), book])
                for name in ("one", "two"))
    assert outputs(one.convert(FENCE), "stdout") == ["one"]
    assert outputs(two.convert(FENCE), "stdout") == ["two"]
    assert outputs(one.reset().convert(FENCE), "stdout") == ["one"]


LAB = "# L {#l}\n\n```python\nprint('ran')\n```\n\nso `{python} x`"


@pytest.mark.parametrize(("text", "result", "shown"), [
    (LAB, Result([Output("ran")], {(1, "x"): "2"}), {"cell": 1, "cell-stdout": 1, "value": 1, "cell-failure": 0}),
    (LAB, Result([], {}, Failure(0, None, "bad", None)), {"cell-stdout": 0, "value": 1, "cell-failure": 1}),
    ('<div class="cell">\n\n</div>', Result([Output("ran")], {}), {"cell": 1, "cell-stdout": 0}),
], ids=["a builder without mkdocs-jupyter", "one that failed, under serve", "filled already"])
def test_a_lab(workbench, text, result, shown):
    page = workbench.named(f"---\njupyter: {{}}\n---\n\n{text}")
    book = BookExtension(BookContext(workbench.root, results={"docs/en/a.md": result}, show_errors=True))
    html = markdown.markdown(text, extensions=["pymdownx.arithmatex", page, book])
    found = BeautifulSoup(html, "html.parser")
    assert {name: len(found.find_all(class_=name)) for name in shown} == shown, html


def test_what_runs_blocks_does_not_import_mkdocs():
    code = ("import sys, book_engine.markdown.extension, book_engine.author.check, book_engine.run.pool_process\n"
            "print([name for name in sys.modules if name.partition('.')[0] in ('mkdocs', 'material')])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
