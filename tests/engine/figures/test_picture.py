"""Figures as PNG: the right size, on white, with their text, the same in every run."""

from __future__ import annotations

import base64
import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from book_engine.figures.picture import png_of

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


def test_same_bytes_in_another_process(svg, tmp_path):
    (tmp_path / "a.svg").write_text(svg, "utf-8")
    code = ("import sys; from book_engine.figures.picture import png_of\n"
            "print(png_of(open(sys.argv[1], encoding='utf-8').read()))")
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "a.svg"], capture_output=True, text=True,
                          env={"PYTHONHASHSEED": "7"})
    assert done.stdout.strip() == png_of(svg), done.stderr
