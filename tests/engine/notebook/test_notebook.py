"""A page and its results as a notebook: which cells there are, what they hold, how they are marked."""

from __future__ import annotations

import base64
import json

import nbformat
import pytest

from book_engine.notebook.edition import Chapter, edition
from book_engine.notebook.plain import Context
from book_engine.notebook.write import notebook_of
from book_engine.run.cache import Cache
from book_engine.run.results import Result, results_for
from book_engine.source.labels import Label
from book_engine.source.page import read_page

WORDS = {
    "zh": {"site_name": "书", "copyright": "代码 MIT", "figure_prefix": "图 {}"},
    "en": {"site_name": "Book", "copyright": "Code MIT", "figure_prefix": "Figure {}"},
}
BASE = "https://example.org/en/"
SECTIONS = {
    "imports": "import matplotlib.pyplot as plt\nx = 3.0",
    "shown": "print('printed')\nx + 1",
    "drawn": "fig, ax = plt.subplots()",
    "raises": "import json\njson.loads('')",
    "bare": "raise KeyError",
}


def fence(name: str, options: str = "") -> str:
    return f'```{{.python{options}}}\n--8<-- "a.py:{name}"\n```'


@pytest.fixture
def make(workbench):
    """The notebook of a page with this text below its title, on chapter 3."""

    def make(body: str, language: str = "en", base: str | None = BASE, **sections: str) -> nbformat.NotebookNode:
        folder = workbench.sections(**SECTIONS, **sections)
        text = f"---\ndescription: d\n---\n# Title $x$ {{#title}}\n\n{body}\n"
        page = read_page(text, folder, "docs/en/a.md")
        result: Result = results_for([page], workbench.setting, Cache(folder, enabled=False), workbench.pool)[page.path]
        assert result.failure is None, result.failure
        context = Context("a", base, {"one": Label("one", "a", "3.1", "docs/en/a.md", 7)})
        notebook = notebook_of(Chapter(3, page, text, result, context,
                                       edition(language, WORDS[language], {"numpy": "2.0", "matplotlib": "3.11"}, "")))
        return nbformat.reads(json.dumps(notebook), as_version=4)  # it validates

    return make


def cells(notebook, kind: str) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == kind]


def prose(notebook) -> list[str]:
    """Sources of the Markdown cells behind the first."""
    return [cell.source for cell in cells(notebook, "markdown")[1:]]


def test_first_cells(make):
    first, style, second = make("Text.").cells
    assert first.source.startswith(f"# Title $x$\n\nChapter 3 of [Book]({BASE}) as a notebook;")
    assert f"({BASE}a/)" in first.source and "numpy 2.0, matplotlib 3.11" in first.source
    assert "Python 3." in first.source and first.source.endswith("Code MIT.")
    assert "matplotlib.rcParams.update" in style.source and style.metadata.jupyter.source_hidden
    assert second.source == "Text."


def test_first_cell_in_chinese_and_without_an_address(make):
    first = make("文字。", language="zh", base=None).cells[0].source
    assert first.startswith("# Title $x$\n\n这是《书》第 3 章的 notebook 版，网页版的内容与此相同。")


def test_metadata(make):
    metadata = make("Text.").metadata
    assert (metadata.kernelspec.name, metadata.language_info.name) == ("python3", "python")
    assert metadata.language_info.version.startswith("3.")


def test_prose_is_cut_at_headings_and_code(make):
    body = f"one\n\n## A {{#a}}\n\ntwo\n\n{fence('imports')}\n\nthree\n\n### B {{#b}}\n\n{fence('shown')}"
    notebook = make(body)
    assert prose(notebook) == ["one", "## A\n\ntwo", "three", "### B"]
    assert [cell.id for cell in notebook.cells] == [
        "title", "code-figure-style", "title--2", "a", "code-imports", "a--2", "b", "code-shown"]


def test_ids_are_unique_and_valid(make):
    name = "s" * 70
    body = f"{fence(name)}\n\n{fence(name)}\n\n## A {{#code-{name}}}\n\n## B {{#b.c}}\n\nText."
    notebook = make(body, **{name: "y = 1"})
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert notebook.cells[-1].id == "b-c"


def test_a_heading_shown_in_code_cuts_nothing(make):
    assert prose(make("one\n\n```text\n# no heading\n```\n\ntwo")) == ["one\n\n```text\n# no heading\n```\n\ntwo"]


def test_outputs(make):
    shown = cells(make(f"{fence('imports')}\n\n{fence('shown')}"), "code")[2]
    assert [output.output_type for output in shown.outputs] == ["stream", "execute_result"]
    assert (shown.outputs[0].text, shown.outputs[1].data["text/plain"]) == ("printed\n", "4.0")
    assert shown.execution_count == shown.outputs[1].execution_count == 3


def test_figures(make):
    text = fence("drawn", ' alt="An empty plot"')
    drawn = cells(make(f"{fence('imports')}\n\n{text}"), "code")[2]
    output, = drawn.outputs
    assert base64.b64decode(output.data["image/png"]).startswith(b"\x89PNG")
    assert output.data["text/plain"] == output.metadata["image/png"].alt == "An empty plot"


def test_captions_are_numbered(make):
    caption = "/// figure-caption\nA line,\nwith $x$.\n///"
    body = f"{caption}\n\nText.\n\n{caption}"
    assert prose(make(body)) == ["*Figure 1. A line, with $x$.*\n\nText.\n\n*Figure 2. A line, with $x$.*"]
    assert prose(make(body, language="zh"))[0].startswith("**图 1**　A line, with $x$.")


def test_errors(make):
    body = f"{fence('raises', ' raises=JSONDecodeError')}\n\n{fence('bare', ' raises=KeyError')}"
    raised, bare = cells(make(body), "code")[1:]
    assert raised.metadata.tags == ["raises-exception"]
    error, = raised.outputs
    assert (error.ename, error.evalue) == ("JSONDecodeError", "Expecting value: line 1 column 1 (char 0)")
    assert error.traceback == ["JSONDecodeError: Expecting value: line 1 column 1 (char 0)"]
    assert (bare.outputs[0].ename, bare.outputs[0].evalue, bare.outputs[0].traceback) == ("KeyError", "", ["KeyError"])


def test_measured_times_are_tagged(make):
    assert cells(make(fence("imports", " varies")), "code")[1].metadata.tags == ["varies"]


def test_inline_expressions(make):
    body = f"`{{python}} 'a*b'` and `{{python}} 1 + 1`\n\n{fence('imports')}\n\n| a |\n|---|\n| `{{python}} x` |"
    assert prose(make(body)) == [r"a\*b and 2", "| a |\n|---|\n| 3.0 |"]


def test_notes(make):
    body = "/// warning | On $x$\nOne.\n\n$$\na\n= b \\label{one}\n$$\n\n* two\n///\n\n/// tip\nThree.\n///"
    assert prose(make(body)) == [
        "> **On $x$**\n>\n> One.\n>\n> $$ a = b \\tag{3.1} $$\n>\n> * two\n\n> **Tip**\n>\n> Three."]


def test_folds_of_prose(make):
    body = "/// details | Hint & more\n    type: hint\n\nSee \\eqref{one}.\n///\nAfter."
    assert prose(make(body)) == [
        "<details>\n<summary><b>Hint &amp; more</b></summary>\n\nSee (3.1).\n\n</details>\n\nAfter."]


def test_formulas_and_code_in_the_title_of_a_fold(make):
    body = "/// details | If $a<b$ and $\\bm{x} > 0$: `f(x) < 1`\n    type: hint\n\nText.\n///"
    title = r"If $a\lt b$ and $\boldsymbol{x} \gt  0$: <code>f(x) &lt; 1</code>"
    assert prose(make(body))[0].startswith(f"<details>\n<summary><b>{title}</b>")


def test_folds_with_code(make):
    body = f"/// details | Solution\n    type: solution\n\nBefore.\n\n{fence('imports')}\n\nAfter.\n///"
    notebook = make(body)
    before, after = prose(notebook)
    assert before == ("<details>\n<summary><b>Solution</b></summary>\n\nBefore.\n\n</details>\n\n"
                      "The code is folded in the cell below.")
    assert after == "<details>\n<summary><b>Solution, continued</b></summary>\n\nAfter.\n\n</details>"
    assert cells(notebook, "code")[1].metadata == {
        "jupyter": {"source_hidden": True, "outputs_hidden": True}, "cellView": "form"}


def test_folds_of_code(make):
    notebook = make(f"/// details | Shared definition: the data\n    type: code\n\n{fence('imports')}\n///")
    assert prose(notebook) == ["**Shared definition: the data** (the code is folded in the cell below)"]
    assert cells(notebook, "code")[1].metadata.jupyter == {"source_hidden": True}


def test_two_folds_begin_anew(make):
    fold = "/// details | Hint\n    type: hint\n\nText.\n///"
    assert prose(make(f"{fold}\n\n{fold}"))[0].count("<b>Hint</b>") == 2


def test_blocks_within_blocks(make):
    body = "//// details | Hint\n    type: hint\n\n/// note | N\nText.\n///\n////"
    assert prose(make(body)) == [
        "<details>\n<summary><b>Hint</b></summary>\n\n> **N**\n>\n> Text.\n\n</details>"]


def test_folded_code_is_hidden_and_its_figure_is_not(make):
    metadata = cells(make(fence("imports", " folded")), "code")[1].metadata
    assert metadata.jupyter == {"source_hidden": True} and metadata.cellView == "form"


def test_a_figure_that_moves_stands_still_and_says_what_to_change(make):
    """The cell is the code as it stands in the page: it runs anywhere and gives the picture beside it."""
    notebook = make("```{.python move=\"rate η: lr=1,2,'x'\" alt=\"A line, {lr}\"}\n--8<-- \"a.py:moves\"\n```",
                    moves="lr = 2\nimport matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nprint(lr)")
    cell = cells(notebook, "code")[-1]
    assert cell.source.startswith("lr = 2\n") and cell.outputs[0].text == "2\n"
    assert [output.data["text/plain"] for output in cell.outputs if "data" in output] == ["A line, 2"]
    assert prose(notebook)[-1] == "On the web this figure moves: set `lr` below to `1`, `'x'` and run the cell again."
