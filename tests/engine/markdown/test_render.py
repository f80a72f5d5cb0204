"""A block and what came out of it, as HTML: order, escaping, alternative texts, weight."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from book_engine.markdown.render import FIGURE_LIMIT, cell_html, code_html, failure_html, not_run_html
from book_engine.run.output import Output
from book_engine.source.errors import BookError
from book_engine.source.fences import Options
from book_engine.source.page import Block
from book_engine.source.snippets import Section

SVG = ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" width="10pt" height="10pt"><g id="figure_1">'
       '<path id="m" d="M 0 0 L 1 1"/>{}</g></svg>')


def block(code: str = "x\n", **options) -> Block:
    return Block(5, 7, "", Options(**options), Section("a.py", "s", code, 2))


def soup(*arguments) -> BeautifulSoup:
    return BeautifulSoup(cell_html(*arguments, "docs/en/a.md"), "html.parser")


def test_order():
    figures = [SVG.format("")] * 2
    cell = soup(block(alt=("one", "two")), 1, Output(stdout="a\n", value="1", error="E: x", figures=figures))
    classes = [element["class"][0] for element in cell.select("div.cell-output > *")]
    assert classes == ["cell-stdout", "cell-value", "cell-error", "cell-figure", "cell-figure"]
    assert cell.select_one("div.cell > .cell-code + .cell-output")
    assert [figure["aria-label"] for figure in cell.select("[role=img]")] == ["one", "two"]


def test_nothing_came_out():
    cell = soup(block(), 1, Output())
    assert cell.select_one(".cell-code") and not cell.select(".cell-output")


@pytest.mark.parametrize("stdout", ["\n", "  \n"])
def test_white_space_is_no_output(stdout):
    assert not soup(block(), 1, Output(stdout=stdout)).select(".cell-output")


def test_white_space_inside_is_kept():
    assert soup(block(), 1, Output(stdout="  a\n\n   b\n")).select_one(".cell-stdout").string == "  a\n\n   b"


def test_first_line_keeps_its_newline():
    """A browser drops a newline right after <pre>."""
    html = cell_html(block(), 1, Output(stdout="\na\n"), "p")
    assert "<pre class=\"cell-stdout\">\n\na" in html or "<pre class=\"cell-stdout\"><code>\na" in html


def test_escaped():
    html = cell_html(block("'<b>'\n", alt=('<i> "q" & \'r\'',)), 1,
                     Output(stdout="<script>", value="'&amp;'", error="<E>", figures=[SVG.format("")]), "p")
    cell = BeautifulSoup(html, "html.parser")
    assert [cell.select_one(f".cell-{kind}").get_text() for kind in ("code", "stdout", "value", "error")] == [
        "'<b>'\n", "<script>", "'&amp;'", "<E>"]
    assert cell.select_one("[role=img]")["aria-label"] == '<i> "q" & \'r\''
    assert not cell.select("script, i, b")


def test_varies_is_marked():
    assert soup(block(varies=True), 1, Output(value="1")).select_one(".cell-output").has_attr("data-varies")
    assert not soup(block(), 1, Output(value="1")).select_one(".cell-output").has_attr("data-varies")


@pytest.mark.parametrize(("alt", "count"), [((), 1), (("a",), 0), (("a",), 2), (("a", "b"), 1)])
def test_one_text_per_figure(alt, count):
    with pytest.raises(BookError) as caught:
        cell_html(block(alt=alt), 3, Output(figures=[SVG.format("")] * count), "docs/en/a.md")
    assert (caught.value.path, caught.value.line) == ("docs/en/a.md", 5)
    assert f"draws {count} figure(s), its alt= describes {len(alt)}" in caught.value.message


def test_figure_too_heavy():
    points = "".join(f'<path d="M {n} 0 L {n} 9.99" style="stroke: #2951c9"/>' for n in range(FIGURE_LIMIT // 30))
    with pytest.raises(BookError, match="the limit is 150 KB") as caught:
        cell_html(block(alt=("a",)), 1, Output(figures=[SVG.format(points)]), "docs/en/a.md")
    assert caught.value.line == 5


def test_ids_differ_between_blocks_and_figures():
    one = cell_html(block(alt=("a", "b")), 1, Output(figures=[SVG.format('<use href="#m"/>')] * 2), "p")
    two = cell_html(block(alt=("a",)), 2, Output(figures=[SVG.format('<use href="#m"/>')]), "p")
    ids = [element["id"] for element in BeautifulSoup(one + two, "html.parser").select("[id]")]
    assert len(ids) == len(set(ids)) >= 3


def test_code_is_highlighted_and_whole():
    code = "def f(x):\n    return x**2  # <square>\n\n\nf('数')\n"
    html = code_html(code)
    assert BeautifulSoup(html, "html.parser").get_text() == code
    assert html.count("<span") >= 2


def test_code_keeps_leading_white_space():
    """A section may start with a blank or an indented line; the lexer must not strip it."""
    code = "\n\n    # indented comment\nx = 1\n"
    assert BeautifulSoup(code_html(code), "html.parser").get_text() in (code, code.lstrip("\n"))


def test_failure():
    alert = BeautifulSoup(failure_html("docs/a.md:1: <b>"), "html.parser").select_one('[role="alert"]')
    assert alert.get_text() == "docs/a.md:1: <b>"


def test_not_run():
    cell = BeautifulSoup(not_run_html(block("x = 1\n")), "html.parser")
    assert cell.select_one(".cell .cell-code").get_text() == "x = 1\n" and not cell.select(".cell-output")


def test_folded_code_stands_below_its_figure():
    """The reader sees the figure and one line that opens the code; nothing is left out."""
    html = cell_html(block("draw()\n", folded=True), 1, Output(stdout="drawn\n"), "p", "zh")
    made = BeautifulSoup(html, "html.parser")
    children = [child["class"][0] for child in made.div.find_all(recursive=False)]
    assert children == ["cell-output", "cell-folded"]
    assert made.details.summary.text == "这幅图的代码" and made.details.code.text == "draw()\n"
    assert not made.details.has_attr("open")
