"""Chapter `new-chapter`: what its code claims, by a second way where there is one."""

from __future__ import annotations

import contextlib
import io
import runpy
from pathlib import Path
from types import SimpleNamespace

import matplotlib
import pytest

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

SCRIPT = Path(__file__).parents[2] / "snippets" / "new_chapter.py"


@pytest.fixture(scope="module")
def chapter():
    """The names that the chapter defines, run from top to bottom, and the lines that it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        names = runpy.run_path(str(SCRIPT))
    yield SimpleNamespace(**names, printed=out.getvalue().splitlines())
    plt.close("all")


def test_one_step(chapter):
    assert chapter.grad == -4 and chapter.w == 2
    assert "slope -4, then w = 2" in chapter.printed


def test_the_slope_is_that_of_the_loss(chapter):
    assert chapter.quotient == pytest.approx(chapter.grad, rel=1e-6)


def test_exercises(chapter):
    assert chapter.second == 2.5
    assert chapter.enough == pytest.approx([3, 3, 3])
    assert chapter.path == [1, 5, 1, 5, 1]
