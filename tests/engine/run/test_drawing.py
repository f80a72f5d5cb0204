"""Figures are saved as matplotlib saves them, though their layout is found without a drawing of its own."""

from __future__ import annotations

import io

import matplotlib.pyplot as plt
import pytest

from book_engine.run.drawing import outlined, take_figures


@pytest.mark.parametrize("layout", ["constrained", "compressed", "tight", "none"])
@pytest.mark.parametrize("axes", [0, 1, 3])
def test_a_figure_comes_out_as_it_is_saved_elsewhere(layout: str, axes: int) -> None:
    def draw():
        plt.rcParams["svg.hashsalt"] = "test"
        figure = plt.figure(layout=layout)
        for number in range(axes):
            ax = figure.add_subplot(axes, 1, number + 1)
            ax.loglog([1, 10, 1000], [1e-6, 2, 3e5], label="$x^2$")
            ax.set(xlabel="$w$", ylabel="a long label", title="title")
            ax.legend()
        return figure

    plain = io.StringIO()
    draw().savefig(plain, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    plt.close("all")
    draw()
    assert take_figures() == [outlined(plain.getvalue())]
