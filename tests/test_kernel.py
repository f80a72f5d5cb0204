"""A chapter in a real Jupyter kernel gives what its page shows: printed text, last values, expected errors, figures."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from hooks.page import Block, read_page

ROOT = Path(__file__).resolve().parents[1]
COLOUR = re.compile(r"\x1b\[[\d;]*m")

# In a process of its own: Jupyter's client warns of its own future, and warnings are errors in these tests.
EXECUTE = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": sys.argv[2]}}).execute()
nbformat.write(notebook, sys.argv[1])
"""


def chapters() -> list[str]:
    """Pages by their path below a language; twins hold the same blocks, so one of them stands for both."""
    folder = ROOT / "docs" / "en"
    return sorted(page.relative_to(folder).as_posix() for page in folder.rglob("*.md"))


def notebook_of(blocks: tuple[Block, ...]) -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_code_cell(block.section.code.rstrip("\n"), id=f"cell-{number}",
                                       metadata={"tags": ["raises-exception"] if block.options.raises else []})
             for number, block in enumerate(blocks)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=kernel)


async def executed(notebooks: list[nbformat.NotebookNode], folder: Path) -> list[nbformat.NotebookNode]:
    """The notebooks with their outputs; kernels run side by side, each in an empty folder."""
    limit = asyncio.Semaphore(os.cpu_count() or 1)

    async def execute(number: int, notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
        file, work = folder / f"{number}.ipynb", folder / f"work-{number}"
        work.mkdir()
        nbformat.write(notebook, file)
        async with limit:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", EXECUTE, str(file), str(work), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                env=os.environ | {"IPYTHONDIR": str(folder / "ipython"), "PYTHONWARNINGS": "default"})
            said = (await process.communicate())[0].decode()
        assert process.returncode == 0, said
        return nbformat.read(file, as_version=4)

    return await asyncio.gather(*(execute(number, notebook) for number, notebook in enumerate(notebooks)))


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory, real_pages) -> dict[str, nbformat.NotebookNode]:
    """Each chapter's blocks as a notebook, executed."""
    blocks = {name: real_pages[f"docs/en/{name}"].blocks for name in chapters()}
    filled = {name: notebook_of(found) for name, found in blocks.items() if found}
    done = asyncio.run(executed(list(filled.values()), tmp_path_factory.mktemp("kernel")))
    return dict.fromkeys(blocks, notebook_of(())) | dict(zip(filled, done, strict=True))


ANSI = re.compile(r"\x1b\[[0-9;]*m")


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


def expected(output: dict) -> dict:
    error = output["error"] and re.sub(r"^[\w.]+\.(?=\w+(:|$))", "", output["error"])  # Jupyter leaves the module out
    return {"stdout": output["stdout"], "value": output["value"], "error": error, "figures": len(output["figures"])}


@pytest.mark.parametrize("name", chapters())
def test_same_outputs_in_a_kernel(name, notebooks, real_pages, real_results):
    page = real_pages[f"docs/en/{name}"]
    result = real_results[page.path]
    for block, output, cell in zip(page.blocks, result.blocks, notebooks[name].cells, strict=True):
        in_notebook, on_page = shown(cell), expected(output)
        if block.options.varies:
            in_notebook["stdout"] = in_notebook["value"] = on_page["stdout"] = on_page["value"] = "varies"
        assert in_notebook == on_page, f"{page.path}:{block.line}, section {block.section.name!r}"


def test_features_in_a_kernel(tmp_path, workbench):
    """What no chapter may use today: the engine and a kernel still agree, and the comparison sees a difference."""
    codes = ["import matplotlib.pyplot as plt\nimport numpy as np\nx = np.arange(3)",
             "print('a')\nprint('b', end='')\nx", "x.sum();", "1 / 0",
             "fig, ax = plt.subplots()\nfig2, ax2 = plt.subplots()", "np.linalg.inv(np.zeros((2, 2)))", "x = x + 1",
             "print(x)\n# a comment at the end", "{'b': 1, 'a': [1.5, None]}", "'text'", "raise KeyError('k')",
             "f(1) = 2"]
    raises = {3: "ZeroDivisionError", 5: "LinAlgError", 10: "KeyError", 11: "SyntaxError"}
    results = workbench.results(*[(code, raises[n]) if n in raises else code for n, code in enumerate(codes)])
    folder = workbench.sections(**{f"s{n}": code for n, code in enumerate(codes)})
    options = [f" raises={raises[n]}" if n in raises else "" for n in range(len(codes))]
    text = "\n".join(f'```{{.python{option}}}\n--8<-- "a.py:s{n}"\n```\n' for n, option in enumerate(options))
    notebook, = asyncio.run(executed([notebook_of(read_page(text, folder).blocks)], tmp_path))
    assert [shown(cell) for cell in notebook.cells] == [expected(output) for output in results]
    assert shown(notebook.cells[1]) != expected(results[7])
