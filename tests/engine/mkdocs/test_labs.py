"""Labs: read as blocks, run once for both languages, written by mkdocs-jupyter; kept by content, never stale."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import jupytext
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from book_engine.author.parity import compare
from book_engine.mkdocs import labs
from book_engine.mkdocs.lab_notebook import fill
from book_engine.mkdocs.labs import Lab
from book_engine.run.output import Output
from book_engine.run.results import Failure, Result, failure_of, run_key
from book_engine.source.errors import BookError
from book_engine.source.page import read_page

ROOT = Path(__file__).resolve().parents[3]
HEAD = """---
description: {description}
jupyter:
  kernelspec:
    display_name: Python 3
    language: python
    name: python3
---

"""
ZH = HEAD.format(description="一个实验。") + """# 实验 {#trial}

这里有一句话，比英文的长一些，
当 $a < b$ 时成立。

```python
import matplotlib.pyplot as plt

x = 3
```

## 画图 {#draw}

/// details | 提示
    type: hint

```python alt="一条线"
fig, ax = plt.subplots()
ax.plot([0, 1], [0, x])
print("`drawn`", "`{python} x`", "<b>", 1 < 2)
print("~~~")
```
///

/// figure-caption
一条线。
///

```python raises="ZeroDivisionError"
x / 0
```

现在 `x` 是 `{python} x`，也就是 `{python} "a*b*c_d_"`。
"""
EN = HEAD.format(description="A lab.") + """# Trial {#trial}

Where $a < b$ & more.

```python
import matplotlib.pyplot as plt

x = 3
```

## Draw {#draw}

/// details | Hint
    type: hint

```python alt="A line"
fig, ax = plt.subplots()
ax.plot([0, 1], [0, x])
print("`drawn`", "`{python} x`", "<b>", 1 < 2)
print("~~~")
```
///

/// figure-caption
A line.
///

```python raises="ZeroDivisionError"
x / 0
```

Now `x` is `{python} x`, or `{python} "a*b*c_d_"`.
"""
NAV = "\n  - labs:\n      - labs/trial.md\n\nextra:"


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


# Reading ----------------------------------------------------------------------------------------------------------

def read(text: str, path: str = "docs/en/labs/trial.md"):
    return read_page(text, ROOT / "snippets", path)


def test_a_lab_is_read_as_blocks() -> None:
    page = read(EN)
    assert [block.section.name for block in page.blocks] == ["trial", "draw", "draw"]
    assert [block.options.alt for block in page.blocks] == [(), ("A line",), ()]
    assert page.blocks[2].options.raises == "ZeroDivisionError"
    for block in page.blocks:
        lines = EN.split("\n")[block.section.line - 1 : block.end - 1]
        assert block.section.code == "\n".join(lines) + "\n"


def test_twins_share_a_run_although_their_lines_differ() -> None:
    assert read(ZH).blocks[1].line != read(EN).blocks[1].line
    assert run_key(read(ZH, "docs/zh/labs/trial.md"), "") == run_key(read(EN), "")
    assert run_key(read(EN.replace("x = 3", "x = 4")), "") != run_key(read(EN), "")


def test_jupytext_reads_the_same_cells() -> None:
    for text in (ZH, EN):
        cells = jupytext.reads(text, fmt="md").cells
        codes = [cell.source for cell in cells if cell.cell_type == "code"]
        assert codes == [block.section.code.rstrip("\n") for block in read(text).blocks]


@pytest.mark.parametrize(("old", "new", "line", "words"), [
    ("```python\nimport", "```{.python varies}\nimport", "```{.python", "as jupytext does"),
    ("x / 0", '--8<-- "loss.py:mae"', '```python raises', "write the code into the cell"),
    ("x / 0", "  ", "```python raises", "an empty cell"),
    ('raises="', 'rises="', "```python rises", "unknown option 'rises'. Did you mean 'raises'?"),
    ("```python\nimport matplotlib.pyplot as plt\n\nx = 3\n```", "    ```python\n    x = 3\n    ```", "    ```python",
     "no cell inside a list"),
    ('```python alt="A line"', '    ```python alt="A line"', '    ```python alt', "never ends"),
])
def test_what_is_no_cell_is_refused(old: str, new: str, line: str, words: str) -> None:
    text = EN.replace(old, new)
    with pytest.raises(BookError) as caught:
        read(text)
    assert (caught.value.line, caught.value.path) == (line_of(text, line), "docs/en/labs/trial.md")
    assert words in str(caught.value)


def test_a_failure_names_the_line_of_each_page() -> None:
    """The place that a run gives counts the code of all cells; the pages have prose between them."""
    for text, path in ((ZH, "docs/zh/labs/trial.md"), (EN, "docs/en/labs/trial.md")):
        page = read(text, path)
        place = f"snippets/labs/trial:{page.blocks[1].section.first_line + 1}"
        failure = Failure(1, None, "ValueError: no", place)
        error = failure_of(page, Result([Output()], {}, failure))
        line = line_of(text, "ax.plot")
        assert (error.path, error.line) == (path, line_of(text, "```python alt"))
        assert f"block 2 ({path}:{line}, section 'draw'): ValueError: no" in str(error)


# Twins ------------------------------------------------------------------------------------------------------------

def compared(en: str) -> list[BookError]:
    return compare(ZH, en, "docs/zh/labs/trial.md", "docs/en/labs/trial.md", ROOT / "snippets")


def test_twins_with_free_sentences_agree() -> None:
    assert compared(EN) == []


# name: (text of the English page, what stands there instead, its line, words of the message)
PLANTED = {
    "another line of code": ("[0, x]", "[0, 2 * x]", "ax.plot", ["'ax.plot([0, 1], [0, 2 * x])'", "expected 'ax."]),
    "a line of code more": ("x = 3\n", "x = 3\ny = 4\n", "y = 4", ["'y = 4'", "expected None"]),
    "a line of code less": ('print("~~~")\n', "", "```\n///", ["None", "print("]),
    "a cell less": ('```python raises="ZeroDivisionError"\nx / 0\n```\n', "", "///\n\n\nNow",
                    ["expected block labs/trial"]),
    "another option": ('raises="ZeroDivisionError"', 'raises="Error"', "```python raises", ["raises: Error"]),
    "alt text not translated": ("A line\"", "一条线\"", "```python alt", ["same alt text"]),
    "heading id": ("{#draw}", "{#paint}", "## Draw", ["{#paint}", "{#draw}"]),
    "a value less": ("is `{python} x`", "is 3", "## Draw", ["no such inline expression"]),
    "formula": ("Where", "$$\na\n$$\n\nWhere", "$$", ["formula a", "expected nothing"]),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_difference_of_twins_is_named(name: str) -> None:
    old, new, place, words = PLANTED[name]
    assert old in EN
    text = EN.replace(old, new, 1)
    error = compared(text)[0]
    assert (error.path, error.line) == ("docs/en/labs/trial.md", line_of(text, place)), error
    for word in words:
        assert word in error.message, error


# Filling ----------------------------------------------------------------------------------------------------------

def test_cells_that_jupytext_reads_otherwise_are_refused() -> None:
    cells = [new_markdown_cell("text"), new_code_cell("import matplotlib.pyplot as plt\n\nx = 3")]
    notebook = new_notebook(cells=cells)
    with pytest.raises(BookError, match=r"trial\.md:\d+: jupytext reads 1 cells, the book 3; they differ from cell 2"):
        fill(notebook, read(EN), Result([], {}))


def test_a_fence_of_another_language_is_shown() -> None:
    text = HEAD.format(description="A lab.") + "# T {#t}\n\n```sh\npip install x\n```\n\n```python\nprint(1)\n```\n"
    notebook = jupytext.reads(text, "md")
    fill(notebook, read(text), Result([Output()], {}))
    assert [(cell.cell_type, cell.source) for cell in notebook.cells[-2:]] == [
        ("markdown", "```sh\npip install x\n```"), ("code", "print(1)")]


# Keeping ----------------------------------------------------------------------------------------------------------

NOTHING = Output()


def lab(source: str = EN, blocks=(NOTHING, NOTHING), values=()) -> Lab:
    return Lab(source, read(source), Result(list(blocks), dict(values)))


def test_all_that_a_lab_depends_on_is_in_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"execute": True}
    keys = [lab().key(options), lab(EN + "More.\n").key(options), lab().key({"execute": False}),
            lab(blocks=(NOTHING, Output("2"))).key(options), lab(values={(1, "x"): "2"}).key(options)]
    monkeypatch.setattr(labs.metadata, "version", lambda name: f"{name} 99")
    keys.append(lab().key(options))
    monkeypatch.undo()
    monkeypatch.setattr(Path, "read_text", lambda self, encoding: "changed")
    keys.append(lab().key(options))
    assert len(set(keys)) == len(keys)
    monkeypatch.undo()
    assert lab().key(options) == keys[0]


# Building ---------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def built(tmp_path_factory, make_site):
    """A small book with one lab, built twice: what was said the first and the second time."""
    site = make_site(tmp_path_factory.mktemp("labs") / "book", chapters=("loss",))
    for language, text in (("zh", ZH), ("en", EN)):
        site.write(f"docs/{language}/labs/trial.md", text)
    site.edit("mkdocs.yml", "\nextra:", NAV)
    done = [site.build("--strict") for _ in range(2)]
    assert [build.returncode for build in done] == [0, 0], done[0].stdout
    return site, [build.stdout for build in done]


@pytest.fixture
def copy(built, tmp_path: Path):
    """The built book in a folder of its own, with its cache, to change."""
    site, _ = built
    return type(site)(shutil.copytree(site.root, tmp_path / "book"))


def article(site, language: str) -> BeautifulSoup:
    text = (site.root / f"site/{language}/labs/trial/index.html").read_text("utf-8")
    return BeautifulSoup(text, "html.parser").article


def test_the_page_of_a_lab(built) -> None:
    site, said = built
    for language, alt in (("zh", "一条线"), ("en", "A line")):
        page = article(site, language)
        assert [heading["id"] for heading in page.select("h1, h2")] == ["trial", "draw"]
        assert page.select_one("h2 a.headerlink")["href"] == "#draw"
        assert len(page.select(".cell")) == 3 and page.select_one("details.hint .cell figure, details.hint .cell")
        assert page.select_one(".cell-figure")["aria-label"] == alt and page.select_one(".cell-figure svg")
        assert page.select_one(".cell-stdout").text == "`drawn` `{python} x` <b> True\n~~~"
        assert page.select_one(".cell-error").text == "ZeroDivisionError: division by zero"
        assert [value.text for value in page.select(".value")] == ["3", "a*b*c_d_"]
        assert page.select_one("p math").text == "a<b"
        assert not page.select("style, script, [class*=jp-]")
    assert "& more" in article(site, "en").text, said[0]


def test_a_build_without_a_change_runs_nothing_and_loads_nothing(built) -> None:
    """mkdocs-jupyter takes seconds to load."""
    site, (first, second) = built
    assert "Converting notebook (execute=True)" in first
    assert "Converting notebook" not in second
    report = json.loads((site.root / "site/build.json").read_text("utf-8"))
    assert report["executed"] == 0 and report["chapters"]["labs/trial"]["blocks"] == 3
    watch = ("import sys, atexit\natexit.register(lambda: print('LOADED', [name for name in sys.modules "
             "if name in ('mkdocs_jupyter', 'nbconvert', 'jupytext', 'nbformat')]))\n"
             "sys.argv = ['mkdocs', 'build']\nfrom mkdocs.__main__ import cli\ncli()")
    done = subprocess.run([sys.executable, "-c", watch], cwd=site.root, text=True, capture_output=True, timeout=120)
    assert "LOADED []" in done.stdout, done.stdout + done.stderr


def test_a_sentence_runs_no_code(copy) -> None:
    copy.edit("docs/en/labs/trial.md", "& more", "and less")
    done = copy.build("--strict")
    assert done.returncode == 0, done.stdout
    assert json.loads((copy.root / "site/build.json").read_text("utf-8"))["executed"] == 0
    assert "and less" in article(copy, "en").text
    assert done.stdout.count("Converting notebook") == 1, "the other language's page is kept"


def test_changed_code_is_run_once_for_both_languages(copy) -> None:
    for language in ("zh", "en"):
        copy.edit(f"docs/{language}/labs/trial.md", "x = 3", "x = 5")
    done = copy.build("--strict")
    assert done.returncode == 0, done.stdout
    assert "Ran labs/trial: 3 blocks" in done.stdout
    assert [article(copy, language).select_one(".value").text for language in ("zh", "en")] == ["5", "5"]


def test_a_changed_style_of_figures_runs_the_lab(copy) -> None:
    copy.edit("docs/assets/figures.mplstyle", "lines.linewidth: 1.8", "lines.linewidth: 2.8")
    done = copy.build("--strict")
    assert "Ran labs/trial: 3 blocks" in done.stdout, done.stdout


def test_a_failing_cell_fails_the_build(copy) -> None:
    line = copy.edit("docs/en/labs/trial.md", "ax.plot([0, 1], [0, x])", "ax.plot([0, 1], [0, y])")
    done = copy.build()
    assert done.returncode != 0
    assert re.search(rf"docs/en/labs/trial\.md:{line - 2}: block 2 \(docs/en/labs/trial\.md:{line}, section 'draw'\): "
                     "NameError: name 'y' is not defined", done.stdout), done.stdout
    assert "docs/zh/labs" not in done.stdout.split("NameError")[1], "the twin has other code, which runs"


def test_a_broken_formula_and_a_broken_link_name_their_line(copy) -> None:
    line = copy.edit("docs/en/labs/trial.md", "$a < b$", r"$\nothing$")
    assert f"docs/en/labs/trial.md:{line}: formula cannot be set" in copy.build().stdout
    copy.edit("docs/en/labs/trial.md", r"$\nothing$", "[there](nowhere.md)")
    assert f"docs/en/labs/trial.md:{line}: " in copy.build("--strict").stdout


def test_a_figure_without_description_fails(copy) -> None:
    line = copy.edit("docs/en/labs/trial.md", 'python alt="A line"', "python")
    assert f"docs/en/labs/trial.md:{line}: block 2 (section 'draw') draws 1 figure(s)" in copy.build().stdout


def test_a_page_that_jupytext_takes_for_pandoc_s_markdown_is_refused(copy) -> None:
    copy.edit("docs/en/labs/trial.md", "## Draw", "::: rebuilds\n\n## Draw")
    done = copy.build()
    assert done.returncode and "docs/en/labs/trial.md:1: mkdocs-jupyter does not take this page" in done.stdout


def test_without_a_cache(copy) -> None:
    shutil.rmtree(copy.root / ".cache")
    done = copy.build("--strict", BOOK_CACHE="off")
    assert done.returncode == 0 and not (copy.root / ".cache/labs").exists(), done.stdout


def test_the_readers_own_nbconvert_settings_change_nothing(copy, tmp_path: Path) -> None:
    """A stray configuration would hide inputs; the book's own takes its place."""
    home = tmp_path / "home"
    (home / ".jupyter").mkdir(parents=True)
    (home / ".jupyter/jupyter_nbconvert_config.py").write_text("c.TemplateExporter.exclude_markdown = True\n"
                                                               "raise SystemExit('read')\n")
    before = str(article(copy, "en"))
    shutil.rmtree(copy.root / ".cache/labs")
    done = copy.build("--strict", HOME=str(home))
    assert done.returncode == 0 and str(article(copy, "en")) == before, done.stdout


# The book's labs --------------------------------------------------------------------------------------------------

def test_labs_need_the_declared_packages_only(real_pages) -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["book"]["packages"]
    imported = {"scikit-learn": "sklearn"}
    allowed = {imported.get(name, name) for name in packages} | sys.stdlib_module_names
    pages = [page for path, page in real_pages.items() if "/labs/" in path]
    assert len(pages) == 4
    for page in pages:
        code = "".join(block.section.code for block in page.blocks)
        found = set(re.findall(r"^\s*(?:from|import) (\w+)", code, re.MULTILINE))
        assert found <= allowed, found - allowed


@pytest.mark.parametrize("page", ["digit-classifier", "batch-size-study"])
def test_a_task_has_a_check_a_hint_and_a_solution(page: str) -> None:
    for language in ("zh", "en"):
        text = (ROOT / f"docs/{language}/labs/{page}.md").read_text("utf-8")
        tasks = text.split("\n## ")[1:]
        tasks = [task for task in tasks if "# your code" in task]
        assert len(tasks) == {"digit-classifier": 8, "batch-size-study": 3}[page]
        for task in tasks:
            places = [task.index(part) for part in ("# your code", "report(", "type: hint", "type: solution")]
            assert places == sorted(places), task[:200]
