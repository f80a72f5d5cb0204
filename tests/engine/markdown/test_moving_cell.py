"""A block that moves, as HTML: slider, still, the value in the code, the file of states, weights."""

from __future__ import annotations

import json
import random

import pytest
from bs4 import BeautifulSoup

from book_engine.book.book import Prepared
from book_engine.book.site_files import moving_files
from book_engine.markdown.render import cell_html, moving_file
from book_engine.run.cache import Cache
from book_engine.run.output import Output, Shown
from book_engine.run.results import Result
from book_engine.source.errors import BookError
from book_engine.source.page import Block, Page, read_page

SVG = ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" width="10pt" height="10pt"><g id="figure_1">'
       '<path style="stroke: #000000" d="{}"/></g></svg>')
FENCE = ('```{{.python {} move="the <rate> η: lr=-0.5,0.1" alt="At {{lr}}: down. | At {{lr}}: up."}}\n'
         '--8<-- "a.py:one"\n```\n')
CODE = "# lr = 3\nlr = 0.1  # a rate\ndraw(lr)"


@pytest.fixture
def block(workbench) -> Block:
    return page(workbench).blocks[0]


def page(workbench, options: str = "") -> Page:
    return read_page(FENCE.format(options), workbench.sections(one=CODE), "docs/en/labs/a.md")


def output(paths=("M 0 0 L 1 1", "M 0 0 L 2 2")) -> Output:
    states = [Shown(f"state {number}\n", figures=[SVG.format(path)]) for number, path in enumerate(paths)]
    return Output(**vars(states[1]), states=states)


def soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def test_slider_and_still(block):
    cell = soup(cell_html(block, 4, output(), "docs/en/labs/a.md")).select_one(".cell")
    file, _, version = cell["data-states"].partition("?")
    assert file == "en/moves/labs-a-4.js" and len(version) == 8
    slider = cell.select_one(".cell-code + .cell-move > input[type=range]")
    assert (slider["max"], slider["value"], slider["aria-valuetext"]) == ("1", "1", "0.1")
    assert cell.select_one(f"label[for={slider['id']}]").string == "the <rate> η"
    assert cell.select_one("output").string == "0.1"
    assert json.loads(cell.select_one(".cell-move")["data-values"]) == ["-0.5", "0.1"]
    assert cell.select_one(".cell-figure")["aria-label"] == "At 0.1: up."
    assert cell.select_one(".cell-move + .cell-output > pre").string == "state 1"


def test_the_value_in_the_code_can_be_found(block):
    cell = soup(cell_html(block, 1, output(), "docs/en/a.md"))
    assert [value.text for value in cell.select("[data-moved]")] == ["0.1"]
    assert cell.select_one("code").text.rstrip("\n") == CODE


def test_folded_the_slider_stands_above_the_figure(workbench):
    cell = soup(cell_html(page(workbench, "folded").blocks[0], 1, output(), "docs/en/a.md"))
    assert [child["class"][0] for child in cell.select(".cell > *")] == ["cell-move", "cell-output", "cell-folded"]


def test_the_file_of_states(block):
    name, text = moving_file(block, block.options.move, 4, output(), "docs/en/labs/a.md")
    assert name == "en/moves/labs-a-4.js"
    start = "document.currentScript.states="
    states = [soup(state) for state in json.loads(text.removeprefix(start))]
    assert text.startswith(start) and len(states) == 2
    assert [state.select_one(".cell-figure")["aria-label"] for state in states] == ["At −0.5: down.", "At 0.1: up."]
    assert [state.select_one("pre").string for state in states] == ["state 0", "state 1"]
    still = soup(cell_html(block, 4, output(), "docs/en/labs/a.md")).select_one(".cell-output")
    assert str(still.select_one("svg")) == str(states[1].select_one("svg"))


def test_another_content_has_another_address(block):
    one, other = (soup(cell_html(block, 1, output(paths), "docs/en/a.md")).select_one(".cell")["data-states"]
                  for paths in (("M 0 0 L 1 1", "M 0 0 L 2 2"), ("M 0 0 L 1 3", "M 0 0 L 2 2")))
    assert one != other


def heavy(kilobytes: int) -> str:
    numbers = random.Random(1)
    return "M 0 0" + "".join(f" L {numbers.uniform(0, 9):.2f} {numbers.uniform(0, 9):.2f}"
                             for _ in range(kilobytes * 250))


def test_weights(block):
    cell_html(block, 1, output(("M 0 0 L 1 1", heavy(7))), "docs/en/a.md")
    with pytest.raises(BookError, match=r"docs/en/a.md:1: the figure of block 1, which moves, weighs [\d.]+ KB "
                                        r"gzipped, the limit is 12 KB; draw fewer points"):
        cell_html(block, 1, output(("M 0 0 L 1 1", heavy(30))), "docs/en/a.md")
    with pytest.raises(BookError, match=r"docs/en/a.md:1: the 2 states of block 1 weigh [\d.]+ KB gzipped, the limit"):
        moving_file(block, block.options.move, 1, output((heavy(60), heavy(60))), "docs/en/a.md")


def test_files_are_kept_and_faults_collected(workbench, tmp_path):
    prepared, cache = Prepared(), Cache(tmp_path)
    prepared.pages = {"docs/en/a.md": page(workbench)}
    prepared.results = {"docs/en/a.md": Result([output()], {})}
    files, errors = moving_files(prepared, cache)
    assert list(files) == ["en/moves/a-1.js"] and not errors
    assert moving_files(prepared, cache) == (files, []) and len(list(cache.folder.iterdir())) == 1
    prepared.results = {"docs/en/a.md": Result([output((heavy(60), heavy(60)))], {})}
    files, errors = moving_files(prepared, cache)
    assert not files and "weigh" in str(errors[0])
