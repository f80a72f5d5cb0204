"""Figures as PNG: the right size, on white, with their text, the same in every run."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from book_engine.figures import picture
from book_engine.figures.picture import PAPER, card_of, png_of

ROOT = Path(__file__).resolve().parents[3]

DRAW = """import matplotlib.pyplot as plt
fig, ax = plt.subplots(figsize=(3, 2))
ax.plot([0, 1], color="C1")
ax.set(xlabel="label", ylabel="$\\\\hat{y}_1$")
print()"""


@pytest.fixture
def svg(workbench) -> str:
    return workbench.results(DRAW)[0]["figures"][0]


def pixels(svg: str) -> np.ndarray:
    image = Image.open(io.BytesIO(base64.b64decode(png_of(svg))))
    assert image.format == "PNG"
    return np.asarray(image.convert("RGBA")).astype(int)


def test_size_and_ground(svg):
    drawn = pixels(svg)
    assert drawn.shape == (192, 288, 4), "96 pixels to the inch, as on the page"
    assert (drawn[..., 3] == 255).all() and (drawn[0, 0] == 255).all(), "opaque, white at the corner"


def test_colours_and_text(svg):
    drawn = pixels(svg)
    line = np.abs(drawn[..., :3] - [0xB3, 0x3B, 0x05]).sum(axis=-1) < 30
    assert line.sum() > 100, "the line in the style's second colour"
    bottom = pixels(svg)[-18:, :, :3].min()
    assert bottom < 100, "the label below the axis"
    without = pixels(svg.replace(">label<", "><").replace(">l<", "><"))
    assert (without != drawn).any()


MANY = """import matplotlib.pyplot as plt
import numpy as np
fig, ax = plt.subplots(figsize=(3, 2))
ax.scatter(*np.random.default_rng(0).normal(size=(2, 30)), s=9, alpha=0.5)
for slope in (1, 2, 3):
    ax.plot([-2, 2], [-2 * slope, 2 * slope])
ax.set_ylim(-1, 1)
print()"""


def test_what_one_axes_cuts_is_cut_once(workbench, monkeypatch):
    """A mask of the whole picture for each line took longer than all else."""
    svg = workbench.results(MANY)[0]["figures"][0]
    drawn, given = pixels(svg), picture._placed(svg)
    assert (svg.count('clip-path="url('), given.count('clip-path="url(')) == (4, 1)
    monkeypatch.setattr(picture, "_clip_together", lambda root: None)
    png_of.cache_clear()
    assert np.abs(pixels(svg) - drawn).max() <= 8, "what is drawn is the same"


def test_same_bytes_in_another_process(svg, tmp_path):
    (tmp_path / "a.svg").write_text(svg, "utf-8")
    code = ("import sys; from book_engine.figures.picture import card_of, png_of\n"
            "print(png_of(open(sys.argv[1], encoding='utf-8').read()))")
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "a.svg"], capture_output=True, text=True,
                          env={"PYTHONHASHSEED": "7"})
    assert done.stdout.strip() == png_of(svg), done.stderr


def test_a_card_bears_the_figure_and_the_mark_on_paper(svg):
    mark = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1" fill="#a93423"/></svg>'
    data = card_of(svg, mark)
    drawn = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    assert drawn.shape == (630, 1200, 3) and data == card_of(svg, mark)

    def painted(colour: str) -> np.ndarray:
        away = np.abs(drawn - [int(colour[place : place + 2], 16) for place in (1, 3, 5)]).sum(axis=-1)
        return np.argwhere(away < 12)

    assert len(painted(PAPER)) > 600_000 and PAPER in (ROOT / "docs/assets/book.css").read_text("utf-8")
    line, sign = painted("#b33b05"), painted("#a93423")
    assert len(line) > 500 and line[:, 1].max() < 1020, "the figure, on the left"
    assert sign[:, 1].min() > 1020 and len(sign) > 5000, "the mark, on the right"
