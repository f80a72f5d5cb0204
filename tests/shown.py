"""What a chapter printed and drew, as the tests of the chapters read it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure


def printed(lines: Sequence[str], start: str) -> list[str]:
    """What follows `start` in each line that begins with it."""
    return [line[len(start):].strip() for line in lines if line.startswith(start)]


def curve(axes: Axes, index: int) -> tuple[np.ndarray, np.ndarray]:
    """x, which may be dates, and y of a line."""
    line = axes.lines[index]
    return np.asarray(line.get_xdata()), np.asarray(line.get_ydata(), float)


def size(figure: Figure) -> list[float]:
    """Width and height in inches."""
    return [round(float(inches), 3) for inches in figure.get_size_inches()]
