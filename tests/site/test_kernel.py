"""The exported notebooks in a real Jupyter kernel give what their pages show: text, values, errors, figures."""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from book_engine.book.book import Book
from book_engine.book.nav import pages_of
from book_engine.notebook.edition import Chapter, Edition, style_code
from book_engine.notebook.plain import Context
from book_engine.notebook.write import notebook_of
from book_engine.run import versions
from book_engine.run.chapter_process import undeclared_import
from book_engine.run.output import Output
from book_engine.run.results import Result
from book_engine.source.page import Page, read_page

ROOT = Path(__file__).resolve().parents[2]
COLOUR = re.compile(r"\x1b\[[\d;]*m")
CONFIG = (ROOT / "mkdocs.yml").read_text("utf-8")
PAGES = [*pages_of(CONFIG, "chapters"), *pages_of(CONFIG, "labs")]
EXPORTED = [f"{language}/notebooks/{page}.ipynb" for language in ("zh", "en") for page in PAGES]
EXECUTED = [name for name in EXPORTED if name.startswith("zh/")]  # the others' cells are shown to be the same

# In a process of its own: Jupyter's client warns of its own future, and warnings are errors in these tests.
EXECUTE = """
import asyncio, os, sys
from pathlib import Path
import nbformat
from nbclient import NotebookClient

async def execute(file, limit):
    async with limit:
        notebook = nbformat.read(file, as_version=4)
        work = file.with_suffix("")
        work.mkdir()
        client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": work}})
        await client.async_execute()
        nbformat.write(notebook, file)

async def main():
    limit = asyncio.Semaphore(os.cpu_count() or 1)
    await asyncio.gather(*(execute(Path(file), limit) for file in sys.argv[1:]))

asyncio.run(main())
"""


def executed(notebooks: dict[str, nbformat.NotebookNode], folder: Path) -> dict[str, nbformat.NotebookNode]:
    """The notebooks with the outputs that they give; kernels run side by side, each in an empty folder."""
    files = {name: folder / f"{number}.ipynb" for number, name in enumerate(notebooks)}
    for name, notebook in notebooks.items():
        bare = nbformat.from_dict(notebook)
        for cell in bare.cells:
            if cell.cell_type == "code":
                cell.outputs = []
        nbformat.write(bare, files[name])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run([sys.executable, "-P", "-c", EXECUTE, *map(str, files.values())], cwd=folder, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600,
                          env=environment | {"IPYTHONDIR": str(folder / "ipython")})
    assert done.returncode == 0, done.stdout
    return {name: nbformat.read(file, as_version=4) for name, file in files.items()}


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Without the first, which sets the style of the figures."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"][1:]


def shown(cell: nbformat.NotebookNode) -> dict:
    """A cell's outputs in the form of the engine's results, figures by number."""
    outputs = cell.outputs
    values = [output.data["text/plain"] for output in outputs if output.output_type == "execute_result"]
    errors = [COLOUR.sub("", output.traceback[-1]).strip().splitlines()[-1]
              for output in outputs if output.output_type == "error"]
    assert len(values) <= 1 and len(errors) <= 1
    stderr = "".join(output.text for output in outputs if output.output_type == "stream" and output.name == "stderr")
    assert stderr == "", "a notebook shows this warning in red"
    return {"stdout": "".join(output.text for output in outputs if output.output_type == "stream"),
            "value": values[0] if values else None, "error": errors[0] if errors else None,
            "figures": sum("image/png" in output.get("data", {}) for output in outputs)}


def expected(output: Output) -> dict:
    error = output.error and re.sub(r"^[\w.]+\.(?=\w+(:|$))", "", output.error)  # Jupyter leaves the module out
    return {"stdout": output.stdout, "value": output.value, "error": error, "figures": len(output.figures)}


def made_of(page: Page, text: str, result: Result) -> nbformat.NotebookNode:
    """The notebook of a page that is no chapter."""
    edition = Edition("en", "Book", "MIT", "Figure {}", {}, style_code(""))
    made = notebook_of(Chapter(0, page, text, result, Context("a", None), edition))
    return nbformat.reads(json.dumps(made), as_version=4)


PROBE = """import os, sys
from importlib.util import find_spec
print(os.listdir(), [name for name in ("loss", "conftest", "mlp") if find_spec(name)])"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory, built_site, real_pages, real_results) -> dict[str, nbformat.NotebookNode]:
    """The exported notebooks of one language, executed; the home page, which has code too; one that looks around."""
    notebooks = {name: nbformat.read(built_site / name, as_version=4) for name in EXECUTED}
    home = "docs/en/index.md"
    notebooks["home"] = made_of(real_pages[home], (ROOT / home).read_text("utf-8"), real_results[home])
    notebooks["probe"] = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code, id=f"c{number}")
                                                         for number, code in enumerate(["", PROBE])])
    notebooks["wrong"] = with_solution(notebooks["zh/notebooks/labs/digit-classifier.ipynb"], "gradients", WRONG)
    return executed(notebooks, tmp_path_factory.mktemp("kernel"))


WRONG = """    dz = forward(w, b, X) - y
    return X.T @ dz, np.sum(dz)"""


def with_solution(notebook: nbformat.NotebookNode, task: str, body: str) -> nbformat.NotebookNode:
    """The lab as a learner leaves it who has written `body` into the task's empty function."""
    notebook = copy.deepcopy(notebook)
    cell, = (cell for cell in notebook.cells if f"def {task}(" in cell.source and "    # your code" in cell.source)
    cell.source = cell.source.replace("    # your code", body)
    return notebook


def test_a_wrong_solution_in_a_notebook_is_answered(runs):
    """And the solution below it, run next, leaves the rest of the lab as it was."""
    answers = [shown(cell)["stdout"] for cell in code_cells(runs["wrong"]) if "gradients" in cell.source]
    assert any("the factor 1/N is missing, N = 3" in answer and "expected [0.998456 2.395072]" in answer
               for answer in answers), answers
    last, right = (shown(code_cells(runs[name])[-1]) for name in ("wrong", "zh/notebooks/labs/digit-classifier.ipynb"))
    assert last == right


def test_kernels_see_nothing_of_the_book(runs):
    cell, = code_cells(runs["probe"])
    assert shown(cell)["stdout"] == "[] []\n"


def page_of(name: str) -> str:
    language, _, file = name.split("/", 2)
    return f"docs/{language}/{file.removesuffix('.ipynb')}.md"


@pytest.mark.parametrize("name", EXECUTED)
def test_twins_have_the_same_cells(name, built_site):
    """So what a kernel makes of one it makes of the other."""
    twins = [nbformat.read(built_site / path, as_version=4) for path in (name, name.replace("zh/", "en/", 1))]
    one, other = ([cell.source for cell in notebook.cells if cell.cell_type == "code"] for notebook in twins)
    assert one == other and twins[0].metadata == twins[1].metadata


@pytest.mark.parametrize("name", [*EXECUTED, "home"])
def test_same_outputs_in_a_kernel(name, runs, real_pages, real_results):
    page = real_pages["docs/en/index.md" if name == "home" else page_of(name)]
    result = real_results[page.path]
    for block, output, cell in zip(page.blocks, result.blocks, code_cells(runs[name]), strict=True):
        in_notebook, on_page = shown(cell), expected(output)
        if block.options.varies:
            in_notebook["stdout"] = in_notebook["value"] = on_page["stdout"] = on_page["value"] = "varies"
        assert in_notebook == on_page, f"{page.path}:{block.line}, section {block.section.name!r}"


@pytest.mark.parametrize("name", EXPORTED)
def test_exported_outputs_are_those_of_the_page(name, built_site, real_pages, real_results):
    """What stands in the file before anyone runs it, times that vary included."""
    cells = code_cells(nbformat.read(built_site / name, as_version=4))
    result = real_results[page_of(name)]
    assert [shown(cell) for cell in cells] == [expected(output) for output in result.blocks]
    assert [cell.source + "\n" for cell in cells] == [block.section.code for block in real_pages[page_of(name)].blocks]


@pytest.mark.parametrize("name", EXPORTED)
def test_exported_code_imports_only_what_is_declared(name, built_site):
    modules = versions.top_level_modules(Book(ROOT).packages)
    for cell in nbformat.read(built_site / name, as_version=4).cells:
        if cell.cell_type == "code":
            assert undeclared_import(cell.source, modules) is None, cell.id


def test_features_in_a_kernel(tmp_path, workbench):
    """What no chapter may use today: the engine and a kernel still agree, and the comparison sees a difference."""
    codes = ["import matplotlib.pyplot as plt\nimport numpy as np\nx = np.arange(3)",
             "print('a')\nprint('b', end='')\nx", "x.sum();", "1 / 0",
             "fig, ax = plt.subplots()\nfig2, ax2 = plt.subplots()", "np.linalg.inv(np.zeros((2, 2)))", "x = x + 1",
             "print(x)\n# a comment at the end", "{'b': 1, 'a': [1.5, None]}", "'text'", "raise KeyError('k')",
             "f(1) = 2"]
    raises = {3: "ZeroDivisionError", 5: "LinAlgError", 10: "KeyError", 11: "SyntaxError"}
    steps = [(code, raises[n]) if n in raises else code for n, code in enumerate(codes)]
    results = [Output.of(result) for result in workbench.results(*steps)]
    folder = workbench.sections(**{f"s{n}": code for n, code in enumerate(codes)})
    options = [f" raises={raises[n]}" if n in raises else ' alt="a | b"' if n == 4 else "" for n in range(len(codes))]
    text = "# T\n\n" + "\n".join(f'```{{.python{option}}}\n--8<-- "a.py:s{n}"\n```\n'
                                 for n, option in enumerate(options))
    notebook = made_of(read_page(text, folder), text, Result(results, {}))
    done = executed({"features": notebook}, tmp_path)["features"]
    assert [shown(cell) for cell in code_cells(done)] == [expected(output) for output in results]
    assert [shown(cell) for cell in code_cells(notebook)] == [expected(output) for output in results]
    assert shown(code_cells(done)[1]) != expected(results[7])
