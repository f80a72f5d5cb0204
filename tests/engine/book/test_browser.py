"""What runs blocks in the page, from the archive that the site carries alone, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from book_engine.book.site_files import engine_archive

STYLE = Path(__file__).resolve().parents[3] / "docs/assets/figures.mplstyle"
PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[1])
from book_engine.book.browser import PageSession
session = PageSession(sys.argv[1] + "/figures.mplstyle")
assert session.run.__globals__["__file__"].startswith(sys.argv[1])
print(json.dumps([json.loads(session.run(number, code)) for number, code in json.loads(sys.argv[2])]))
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("engine")
    (folder / "engine.zip").write_bytes(engine_archive(STYLE))
    zipfile.ZipFile(folder / "engine.zip").extractall(folder)
    return folder


def run(engine: Path, *blocks: tuple[int, str]) -> list[dict]:
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(engine), json.dumps(blocks)], cwd=engine, text=True,
                          encoding="utf-8", capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_blocks_share_their_names_and_give_what_they_print_and_their_value(engine: Path) -> None:
    first, second = run(engine, (0, "a = 2\nprint('made')\n"), (1, "a += 1\na\n"))
    nothing = {"stdout": "", "stderr": "", "value": None, "error": None, "at": None, "figures": []}
    assert first == nothing | {"stdout": "made\n"}
    assert second == nothing | {"value": "3"}


def test_a_figure_comes_out_as_the_build_s(engine: Path) -> None:
    code = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2], label='a')\n_ = ax.legend()\n"
    (drawn,) = run(engine, (4, code))
    (figure,) = drawn["figures"]
    assert figure.startswith("<svg") and 'id="r4f1-' in figure and "style=" not in figure
    assert 'stroke="var(--figure-0)"' in figure and 'fill="currentColor"' in figure


def test_an_error_says_where_it_came_up(engine: Path) -> None:
    """A warning is shown; the block goes on."""
    warns = (10, "import warnings\nfor _ in range(3):\n    warnings.warn('mind')\nprint('after')\n")
    found = run(engine, (0, "def f(x):\n    return 1 / x\n"), (7, "x = 0\nf(x)\n"), (8, "x = (\n"),
                (9, "raise SystemExit\n"), warns, warns)
    assert [(one["error"], one["at"]) for one in found] == [
        (None, None), ("ZeroDivisionError: division by zero", [0, 2]), ("SyntaxError: '(' was never closed", [8, 1]),
        ("SystemExit", [9, 1]), (None, None), (None, None)]
    for one in found[-2:]:
        assert (one["stderr"], one["stdout"]) == ("line 3: UserWarning: mind\n", "after\n")
