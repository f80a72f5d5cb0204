"""Chapter `notation`: every number and every claim of the page, by a second way where there is one."""

from __future__ import annotations

import colorsys
import contextlib
import io
import math
import re
import runpy
from itertools import product
from pathlib import Path
from types import FunctionType, SimpleNamespace

import matplotlib
import numpy as np
import pytest
from asked import answers_of
from numerical_gradient import numerical_gradient
from states import states_of

from book_engine.source.page import read_page
from book_engine.source.snippets import sections_of

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.colors import to_rgba  # noqa: E402

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "snippets" / "notation.py"
PAGES = {language: ROOT / "docs" / language / "notation.md" for language in ("zh", "en")}
FAILING = {"randn_tuple": TypeError, "assert_assigns": SyntaxError, "dot_fails": ValueError}
CALORIES = [[56, 0, 4.4, 68], [1.2, 104, 52, 8], [1.8, 135, 99, 0.9]]


@pytest.fixture(scope="module")
def steps():
    """Every section, run in order in one namespace as the page does: names after it, output, figures, error."""
    space, found = {}, {}
    plt.close("all")
    for name, section in sections_of(SCRIPT.read_text("utf-8"), SCRIPT.name).items():
        error = None
        with contextlib.redirect_stdout(io.StringIO()) as out:
            try:
                exec(compile(section.code, f"{SCRIPT.name}:{name}", "exec"), space)
            except FAILING.get(name, ()) as exception:
                error = exception
        figures = [plt.figure(number) for number in plt.get_fignums()]
        plt.close("all")
        found[name] = SimpleNamespace(**{k: v for k, v in space.items() if k != "__builtins__"}, code=section.code,
                                      out=out.getvalue().splitlines(), figures=figures, failure=error)
    return found


def matrix_product(A, B) -> np.ndarray:
    """By three loops."""
    return np.array([[sum(A[i][j] * B[j][k] for j in range(len(B))) for k in range(len(B[0]))] for i in range(len(A))])


def bound(step, function) -> FunctionType:
    """The function, with the names as they stood after that step: later blocks use some of them again."""
    return FunctionType(function.__code__, vars(step))


def sigma(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def drawn_cells(ax) -> list[dict]:
    """The matrices that `cells` drew, from left to right: entries from the top row down, filled ones, texts, title."""
    boxes = {(round(p.get_x(), 6), round(p.get_y(), 6)): p for p in ax.patches}
    groups: list[list[float]] = []
    for x in sorted({x for x, _ in boxes}):
        if groups and x - groups[-1][-1] == pytest.approx(1):
            groups[-1].append(x)
        else:
            groups.append([x])
    found = []
    for columns in groups:
        heights = sorted({y for x, y in boxes if x in columns}, reverse=True)
        assert np.diff(heights) == pytest.approx(-1) and heights[0] + 1 == pytest.approx(len(heights) / 2)
        grid = [[boxes[x, y] for x in columns] for y in heights]
        words = {(round(t.get_position()[0], 6), round(t.get_position()[1], 6)): t.get_text() for t in ax.texts}
        middle = sum(columns) / len(columns) + 0.5
        titles = [text for (x, y), text in words.items() if x == pytest.approx(middle) and y > heights[0] + 1]
        found.append({
            "shape": (len(heights), len(columns)), "span": (columns[0], columns[-1] + 1), "titles": titles,
            "faces": [[box.get_facecolor() for box in row] for row in grid],
            "texts": [[words.get((round(x + 0.5, 6), round(y + 0.5, 6)), "") for x in columns] for y in heights]})
    return found


def signs_between(ax, cells) -> list[str]:
    """The text at height 0 in each gap."""
    found = []
    for before, after in zip(cells, cells[1:]):
        found += [t.get_text() for t in ax.texts
                  if before["span"][1] < t.get_position()[0] < after["span"][0] and t.get_position()[1] == 0]
    return found


# --- the file and the pages ---------------------------------------------------------------------------


def test_file_runs_as_a_script():
    with contextlib.redirect_stdout(io.StringIO()):
        runpy.run_path(str(SCRIPT))
    plt.close("all")


def test_fails_refuses_code_that_does_not_fail():
    with contextlib.redirect_stdout(io.StringIO()):
        fails = runpy.run_path(str(SCRIPT))["fails"]
    plt.close("all")
    fails("1 / 0", ZeroDivisionError)
    with pytest.raises(AssertionError, match="ran without TypeError"):
        fails("x = 1", TypeError)
    with pytest.raises(ZeroDivisionError):
        fails("1 / 0", TypeError)


@pytest.mark.parametrize("language", PAGES)
def test_page_expects_the_failures_and_marks_measured_times(language):
    page = read_page(PAGES[language].read_text("utf-8"), ROOT / "snippets")
    raises = {b.section.name: b.options.raises for b in page.blocks if b.options.raises}
    assert raises == {name: error.__name__ for name, error in FAILING.items()}
    assert [b.section.name for b in page.blocks if b.options.varies] == ["loops"]
    assert not any("ratio" in step.code for step in page.steps if not hasattr(step, "section"))


@pytest.mark.parametrize("language", PAGES)
def test_table_has_the_rows_of_the_notes(language):
    rows = re.findall(r"^\| (\d+) \| \$", PAGES[language].read_text("utf-8"), re.M)
    assert [int(row) for row in rows] == [*range(1, 17), 24]


# --- symbols and operations ---------------------------------------------------------------------------


def test_symbols(steps):
    s = steps["symbols"]
    assert s.out == ["a       ()", "v       (3,)", "A       (2, 3)", "I3      (3, 3)", "A.T     (3, 2)",
                     "A * B   (2, 3)",
                     "A @ B.T (2, 2)", "A * B   = [[0.0, 2.0, 6.0], [4.0, 0.0, -6.0]]",
                     "A @ B.T = [[8.0, -2.0], [17.0, -2.0]]", "A @ I3 equals A: True"]
    A, B = [[1, 2, 3], [4, 5, 6]], [[0, 1, 2], [1, 0, -1]]  # formula (1.1)
    assert s.a == 3 and s.v.tolist() == [1, -2, 2] and s.A.tolist() == A and s.B.tolist() == B
    assert s.I3.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert s.arrays["A.T"].tolist() == [[1, 4], [2, 5], [3, 6]]
    assert s.arrays["A * B"].tolist() == [[p * q for p, q in zip(*rows)] for rows in zip(A, B)]
    assert matrix_product(A, np.array(B).T).tolist() == [[8, -2], [17, -2]] == s.arrays["A @ B.T"].tolist()


def test_expectation_variance_and_draws(steps):
    s = steps["operations"]
    assert s.mean == pytest.approx(0.5 * 0 + 0.3 * 1 + 0.2 * 4) and f"{s.mean:.2f}" == "1.10"
    assert s.var == pytest.approx(0.5 * 1.21 + 0.3 * 0.01 + 0.2 * 8.41) == pytest.approx(2.29)
    assert s.var == pytest.approx(0.3 * 1 + 0.2 * 16 - 1.1**2)
    assert s.draws.shape == (6,) and set(s.draws) <= {0, 1, 2}
    many = np.random.default_rng(1).choice(s.values, p=s.p, size=100_000)
    for value, p in enumerate((0.5, 0.3, 0.2)):
        assert np.mean(many == value) == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / many.size))
    assert s.out == ["expectation 1.10, variance 2.29", f"six draws of x: {s.draws}",
                     "(a - 1)**2 + 3 is lowest at a = 1.00"]


def test_lowest_place(steps):
    s = steps["operations"]
    assert s.lowest == pytest.approx(1) and ((s.grid - 1) ** 2 + 3).min() == pytest.approx(3)
    assert (s.grid[0], s.grid[-1]) == (-2, 4)


def test_names_of_the_notes_and_links_to_what_comes_later():
    """Rows 8 to 10 need derivatives: the page leads there, and uses none itself."""
    for language in PAGES:
        text = PAGES[language].read_text("utf-8")
        for row, place in ((8, "slope"), (9, "gradient"), (10, "gradient")):
            assert re.search(rf"^\| {row} \|.*\(derivatives\.md#{place}\) \|$", text, re.M)
        assert text.count("\\partial") == 2 and "numerical_gradient" not in text


def test_sigmoid(steps):
    z = np.array([-30, -3, -0.5, 0, 0.2, 4, 30])
    assert steps["operations"].sigmoid(z) == pytest.approx([sigma(v) for v in z], rel=1e-12)


# --- pictures -----------------------------------------------------------------------------------------


def test_four_pictures(steps):
    """Disc, square, diamond, cross, by their share of the area; orange, green, blue, yellow, by their hue."""
    s = steps["images"]
    assert s.images.shape == (4, 64, 64, 3)
    areas = (math.pi * 0.5 / 4, 0.6**2, 0.9**2 / 2, 1 - 0.75**2)
    hues = ((0, 40), (130, 170), (210, 250), (40, 60))
    for picture, area, (low, high) in zip(s.images, areas, hues):
        inside = np.any(picture != 0.9, axis=2)
        assert inside.mean() == pytest.approx(area, abs=0.02)
        assert inside[32, 32] and not inside[0, 0]
        colours = np.unique(picture[inside], axis=0)
        assert len(colours) == 1 and low < 360 * colorsys.rgb_to_hsv(*colours[0])[0] < high
    disc, square, diamond, cross = (np.any(p != 0.9, axis=2) for p in s.images)
    assert cross[0, 32] and cross[32, 0] and not diamond[0, 32] and not disc[8, 8] and square[14, 14]
    assert diamond[5, 32] and not diamond[14, 14] and not cross[16, 16] and disc[12, 32] and not square[8, 32]


def test_flattening(steps):
    s = steps["images"]
    assert s.x.shape == (12288,) == (64 * 64 * 3,)
    assert s.x.tolist() == [v for row in s.images[0] for pixel in row for v in pixel]  # the line, as the text builds it
    assert sorted(s.j.ravel()) == list(range(12288))
    for r, c, k in ((0, 0, 0), (0, 1, 2), (10, 20, 1), (63, 63, 2)):
        assert s.j[r, c, k] == (64 * r + c) * 3 + k
    assert s.j[10, 20, 1] == 1981
    numbered = np.arange(12288).reshape(64, 64, 3)
    assert np.array_equal(s.j, numbered)
    assert s.out == ["one picture: (64, 64, 3) -> (12288,)", "every x[j] as computed: True", "and back: True"]


def test_wrong_reshape_scrambles(steps):
    s = steps["scrambled"]
    assert s.X_ng.shape == s.wrong.shape == (12288, 4)
    for n in range(4):
        assert np.array_equal(s.X_ng[:, n], s.images[n].ravel())
    line = s.images.ravel()
    for j, n in ((0, 0), (1, 2), (5000, 3), (12287, 1)):
        assert s.wrong[j, n] == line[4 * j + n]
        assert s.source[j, n] == (4 * j + n) // 12288
    for n in range(4):
        assert np.bincount(s.source[:, n]).tolist() == [3072] * 4  # "a quarter of each picture"
        assert np.all(np.diff(s.source[:, n]) >= 0)
    assert s.out == ["(12288, 4) (12288, 4)", "column 0 of wrong takes [3072 3072 3072 3072]"]


def test_scrambled_figure(steps):
    s = steps["scrambled_figure"]
    axes = s.figures[0].axes
    assert len(axes) == 8
    shown = [np.asarray(ax.images[0].get_array()) for ax in axes]
    for n in range(4):
        assert np.array_equal(shown[n], s.images[n])
        assert np.array_equal(shown[4 + n].ravel(), s.images.ravel()[n::4])
        assert not np.array_equal(shown[4 + n], s.images[n])
    # the caption's and the alt's words: a strip of 16 rows per picture, four copies side by side, colours rotated by n
    for n, i in product(range(4), range(4)):
        strip = shown[4 + n][16 * i:16 * i + 16]
        copies = np.split(strip, 4, axis=1)
        for copy in copies[1:]:
            assert np.mean(copy != copies[0]) < 0.2
        colour = s.images[i, 32, 32]
        expected = np.roll(colour, -(n % 3))
        assert np.allclose(copies[0][8, 8], expected)


# --- layouts ------------------------------------------------------------------------------------------


def test_both_layouts(steps):
    s = steps["rows_columns"]
    assert (s.N, s.d_in, s.d_out) == (5, 3, 2)
    assert s.X.shape == (5, 3) and s.W.shape == (3, 2) and s.b.shape == (2,)
    assert s.Z == pytest.approx(matrix_product(s.X, s.W) + np.array([s.b] * 5))
    assert s.Z_ng == pytest.approx(s.Z.T)
    assert s.Z_ng == pytest.approx(matrix_product(s.W.T, s.X.T) + np.array([[b] * 5 for b in s.b]))
    assert np.array(s.one_by_one) == pytest.approx(s.Z)
    assert s.out == ["rows:    (5, 2) True", "columns: (2, 5) True", "(out, in) weights: True"]


def test_weights_of_other_libraries(steps):
    """scikit-learn keeps an example per row and weights (out, in), as the page says of it and of PyTorch."""
    linear_model = pytest.importorskip("sklearn.linear_model")
    s = steps["rows_columns"]
    assert s.weight.shape == (s.d_out, s.d_in)
    model = linear_model.LinearRegression().fit(s.X, s.Z)
    assert model.coef_.shape == (s.d_out, s.d_in)
    assert s.X @ model.coef_.T + model.intercept_ == pytest.approx(s.Z)


def test_transpose_rule():
    rng = np.random.default_rng(1)
    for m, n, k in ((2, 3, 4), (5, 1, 2), (3, 3, 3)):
        A, B = rng.normal(size=(m, n)), rng.normal(size=(n, k))
        assert matrix_product(A, B).T == pytest.approx(matrix_product(B.T, A.T))
    assert not np.allclose((A @ B).T, A.T @ B.T)  # square: the wrong order runs, and is wrong


def test_sum_over_examples_in_both_layouts(steps):
    Z = steps["rows_columns"].Z
    assert Z.sum(axis=0).shape == (2,) and Z.T.sum(axis=1, keepdims=True).shape == (2, 1)
    assert Z.T.sum(axis=1, keepdims=True)[:, 0] == pytest.approx(Z.sum(axis=0))


@pytest.mark.parametrize("n", range(5))
def test_every_state_of_the_layouts(steps, n):
    states = states_of("notation", "layouts", vars(steps["rows_columns"]))
    assert list(states) == ["0", "1", "2", "3", "4"]
    left, right = states[str(n)].figure.axes
    fill, empty = to_rgba("C1"), to_rgba("white")
    expected = {left: ({"$X$": (5, 3), "$W$": (3, 2), "$Z$": (5, 2)}, lambda i, k: i == n),
                right: ({"$W^T$": (2, 3), "$X^T$": (3, 5), "$Z^T$": (2, 5)}, lambda i, k: k == n)}
    for ax, (shapes, marked) in expected.items():
        cells = drawn_cells(ax)
        assert [c["shape"] for c in cells] == list(shapes.values())
        assert [c["titles"] for c in cells] == [[f"{name} {shape}"] for name, shape in shapes.items()]
        assert signs_between(ax, cells) == ["@", "="]
        for c in cells:
            weights = c["titles"][0].startswith("$W")
            for i, k in np.ndindex(*c["shape"]):
                assert c["faces"][i][k] == (fill if marked(i, k) and not weights else empty)
        (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
        tall = max(c["shape"][0] for c in cells) / 2
        assert x0 < 0 and cells[-1]["span"][1] < x1 and y0 < -tall and y1 > tall + 0.6
    (x0, x1), (x2, x3) = left.get_xlim(), right.get_xlim()
    assert x1 - x0 == pytest.approx(x3 - x2)  # cells of one size in both rows


# --- broadcasting -------------------------------------------------------------------------------------


def test_calories(steps):
    s = steps["calories"]
    assert s.calories.tolist() == CALORIES
    sums = [sum(row[j] for row in CALORIES) for j in range(4)]
    assert s.total == pytest.approx(sums) and sums == pytest.approx([59, 239, 155.4, 76.9])
    assert [f"{v:g}" for v in s.total] == ["59", "239", "155.4", "76.9"]
    for i, j in np.ndindex(3, 4):
        assert s.percent[i, j] == pytest.approx(100 * CALORIES[i][j] / sums[j])
    assert f"{s.percent[0, 0]:.1f}" == "94.9"
    assert s.percent[:, 0].round(1).tolist() == [94.9, 2.0, 3.1]
    assert s.out == ["sums: [ 59.  239.  155.4  76.9]  shape (4,)", "apples: [94.9  2.   3.1]",
                     "columns add up to [100. 100. 100. 100.]"]


def test_broadcasting_copies_nothing(steps):
    s = steps["calories"]
    assert np.broadcast_to(s.total, (3, 4)).strides[0] == 0
    assert np.shares_memory(np.broadcast_to(s.total, (3, 4)), s.total)
    with pytest.raises(ValueError):
        s.calories / s.calories.sum(axis=1)


def test_the_three_pairs_of_the_pencil():
    assert np.broadcast_shapes((3, 4), (4,)) == (3, 4) and np.broadcast_shapes((5, 1), (5,)) == (5, 5)
    with pytest.raises(ValueError):
        np.broadcast_shapes((3, 4), (3,))


def test_calories_figure(steps):
    above, below = steps["calories_figure"].figures[0].axes
    cells = [*drawn_cells(above), *drawn_cells(below)]
    sums = [59, 239, 155.4, 76.9]
    percent = [[100 * v / t for v, t in zip(row, sums)] for row in CALORIES]
    for c, values, form in zip(cells, (CALORIES, [sums] * 3, percent), (".4g", ".4g", ".1f"), strict=True):
        assert c["texts"] == [[format(v, form) for v in row] for row in values]
    assert [c["titles"] for c in cells] == [["(3, 4)"], ["(4,) as (3, 4)"], ["(3, 4), in %"]]
    assert signs_between(above, cells[:2]) == ["/"] and "=" in [text.get_text() for text in below.texts]
    grey = [[[face == to_rgba("0.8") for face in row] for row in c["faces"]] for c in cells]
    assert grey == [[[False] * 4] * 3, [[False] * 4, [True] * 4, [True] * 4], [[False] * 4] * 3]
    for ax in (above, below):
        assert ax.get_xlim()[0] < 0 and ax.get_xlim()[1] > cells[-1]["span"][1]
        assert ax.get_ylim()[0] < -1.5 and ax.get_ylim()[1] > 1.75


# --- rank-1 arrays and the two broken lines -----------------------------------------------------------


def test_rank_one_shapes(steps):
    s = steps["rank_one"]
    assert s.out[:2] == ["(5,) (5,) ()", "(5, 1) (1, 5) (5, 5)"]
    assert s.a @ s.a.T == pytest.approx(sum(v * v for v in s.a))
    assert s.out[2:5] == ["[[ 0. -1. -2.]", " [ 1.  0. -1.]", " [ 2.  1.  0.]]"]


def test_mean_over_pairs(steps):
    s = steps["rank_one"]
    assert np.array_equal(s.y_hat[:, 0], s.y) and s.y.tolist() == [1, 2, 3]
    assert [s.wrong_mse, s.spread] == pytest.approx([2 / 3 + 2 / 3] * 2)
    assert s.out[5] == "'MSE' 1.3333, by the formula 1.3333"
    rng = np.random.default_rng(2)
    y, y_hat = rng.normal(0, 2, 7), rng.normal(1, 3, 7)
    by_pairs = sum((p - t) ** 2 for p in y_hat for t in y) / 49
    assert by_pairs == pytest.approx(y_hat.var() + y.var() + (y_hat.mean() - y.mean()) ** 2)
    assert np.mean((y_hat.reshape(7, 1) - y) ** 2) == pytest.approx(by_pairs)


def test_pair_loss_teaches_the_mean():
    """By gradient descent on the predictions themselves."""
    y = np.array([1.0, 2.0, 6.0])
    y_hat = np.array([5.0, -1.0, 2.0])

    def loss(v):
        return np.mean((v.reshape(3, 1) - y) ** 2)

    for _ in range(200):
        y_hat -= 0.3 * numerical_gradient(loss, y_hat)
    assert y_hat == pytest.approx([3, 3, 3], abs=1e-6)


def test_the_notes_lines_fail(steps):
    """E47, E48: the lines are the notes' own, and fail as the page shows."""
    assert steps["randn_tuple"].code == "a = np.random.randn((5, 1))\n"
    assert '"assert(a.shape = (5, 1))"' in steps["assert_assigns"].code
    for name, error in FAILING.items():
        assert type(steps[name].failure) is error
    assert "'tuple' object cannot be interpreted as an integer" in str(steps["randn_tuple"].failure)


def test_the_mended_lines_work():
    assert np.random.randn(5, 1).shape == np.zeros((5, 1)).shape == (5, 1)
    exec("assert a.shape == (5, 1)", {"a": np.zeros((5, 1))})
    with pytest.warns(SyntaxWarning, match="assertion is always true"):
        exec('assert (a.shape == (5, 1), "message")', {"a": np.zeros(3)})  # goes on, as the page says
    with pytest.raises(AssertionError):
        exec("assert a.shape == (5, 1)", {"a": np.zeros(3)})


# --- probability, products ----------------------------------------------------------------------------


def test_probability_and_label(steps):
    s = steps["probability"]
    z = [-3, -0.5, 0.2, 4]
    assert s.z.tolist() == [z] and s.A == pytest.approx(np.array([[sigma(v) for v in z]]))
    assert np.all((s.A > 0) & (s.A < 1)) and s.label.tolist() == [[int(v > 0) for v in z]]
    assert s.Y.tolist() == [[0, 1, 1, 1]]
    assert s.out == ["probabilities [[0.047 0.378 0.55  0.982]]",
                     "labels        [[0 0 1 1]]", "z > 0         [[False False  True  True]]",
                     "sigmoid(40) == 1: True"]
    grid = np.linspace(-30, 30, 2001)
    p = s.sigmoid(grid)
    assert np.all((p > 0) & (p < 1)) and np.array_equal(p > 0.5, grid > 0)
    assert 1 + math.exp(-40) == 1
    with np.errstate(divide="ignore"):
        assert np.log(1 - s.sigmoid(40.0)) == -np.inf


def test_dot_of_two_rows_fails(steps):
    assert "4 (dim 1) != 1 (dim 0)" in str(steps["dot_fails"].failure)
    assert steps["dot_fails"].code == "np.dot(Y, np.log(A))\n"


def test_cost_in_both_forms(steps):
    s = steps["dot_or_star"]
    labels, p = [0, 1, 1, 1], [sigma(v) for v in (-3, -0.5, 0.2, 4)]
    J = -sum(y * math.log(a) + (1 - y) * math.log(1 - a) for y, a in zip(labels, p)) / 4
    assert s.by_star == pytest.approx(J, abs=1e-12)
    assert s.by_dot.shape == (1, 1) and s.by_dot[0, 0] == pytest.approx(J, abs=1e-12)
    assert s.out[0] == f"J by * and sum {J:.6f}; by @ [[{J:.6f}]]"


def test_einsum_says_which_index_vanishes(steps):
    s, layer = steps["dot_or_star"], steps["rows_columns"]
    w = layer.W[:, 0]
    assert s.scores == pytest.approx([sum(w[j] * layer.X[n, j] for j in range(3)) for n in range(5)])
    assert s.pairs == pytest.approx(np.array([[y * math.log(a) for y, a in zip(s.Y[0], s.A[0])]]))
    assert s.out[1] == "True True"
    column_by_column = [sum(w[j] * layer.X.T[j, n] for j in range(3)) for n in range(5)]
    assert s.scores == pytest.approx(column_by_column)  # each entry of w^T X is a dot product, as the warning says


def test_square_matrices_hide_the_mistake(steps):
    s = steps["dot_or_star"]
    assert s.out[2] == "S * S = [[1, 4], [9, 16]]  S @ S = [[7, 10], [15, 22]]"
    assert matrix_product(s.S, s.S).tolist() == [[7, 10], [15, 22]]


# --- loops --------------------------------------------------------------------------------------------


def test_loop_and_product_agree(steps):
    s = steps["loops"]
    rng = np.random.default_rng(3)
    X, w = rng.normal(size=(8, 3)), rng.normal(size=3)
    expected = [sum(X[n, j] * w[j] for j in range(3)) + 0.7 for n in range(8)]
    assert s.scores_vector(X, w, 0.7) == pytest.approx(expected)
    assert s.scores_loop(X, w, 0.7) == pytest.approx(expected)
    assert s.scores_loop(X.tolist(), w.tolist(), 0.7) == pytest.approx(expected)


def test_fastest_takes_the_smallest_of_several(steps):
    s = SimpleNamespace(**vars(steps["loops"]))
    calls, clock = [], iter([0, 5, 10, 12, 20, 29, 30, 37, 40, 44])
    s.perf_counter = lambda: next(clock)
    fastest = bound(s, s.fastest)
    assert fastest(lambda *given: calls.append(given), 1, 2) == 2
    assert calls == [(1, 2)] * 5
    clock = iter([0, 0, 0, 3] * 5)  # one that ticks less often than the function is called
    assert fastest(lambda *given: calls.append(given)) == 1 and len(calls) == 20


def test_measured_ratios(steps):
    s = steps["loops"]
    assert list(s.ratio) == [(2, 2), (30, 30), (1000, 100)]
    assert max(s.ratio[2, 2]) < 10 < min(s.ratio[1000, 100])
    assert s.ratio[1000, 100][1] < s.ratio[1000, 100][0]  # lists are read faster than arrays
    assert s.out == [f"X {shape}: {arrays:.1f} times as long; on lists {lists:.1f}"
                     for shape, (arrays, lists) in s.ratio.items()]
    assert s.X.shape == (1000, 100) and s.lists == (s.X.tolist(), s.w.tolist())
    assert type(s.X[0][0]) is np.float64 and type(s.lists[0][0][0]) is float
    assert np.abs(s.gap).max() < 1e-12


def test_memory_of_the_pairs():
    """"80 GB" of the page: one number takes 8 bytes."""
    assert np.float64().nbytes * 100_000**2 / 1e9 == 80


# --- exercises ----------------------------------------------------------------------------------------


def test_pencil(steps):
    rows = dict(re.split(r" {2,}|(?<=\S) (?=\(\d|ValueError)", row, maxsplit=1) for row in steps["pencil"].out)
    assert {k.strip(): v.strip() for k, v in rows.items()} == {
        "X @ W + b": "(200, 10)", "W @ X": "ValueError", "X.T @ y": "(30,)", "X * y": "ValueError",
        "X * y.reshape(200, 1)": "(200, 30)", "y - y.reshape(200, 1)": "(200, 200)"}


def test_other_shares(steps):
    s = steps["other_shares"]
    assert s.by_food == pytest.approx(np.array([[100 * v / sum(row) for v in row] for row in CALORIES]))
    assert s.out[0] == f"fat: {(100 * np.array(CALORIES[2]) / sum(CALORIES[2])).round(1)}"
    small = [row[:3] for row in CALORIES]
    silent = [[100 * small[i][j] / sum(small[j]) for j in range(3)] for i in range(3)]  # column j by the sum of row j
    assert s.silent == pytest.approx(np.array(silent))
    assert s.meant.sum(axis=1) == pytest.approx([100] * 3) and np.abs(s.silent.sum(axis=1) - 100).min() > 5
    assert s.out[1:] == [f"rows of silent add up to {s.silent.sum(axis=1).round(1)}",
                         "rows of meant add up to [100. 100. 100.]"]


def test_translated_lines_give_the_course_numbers(steps):
    s = steps["translated"]
    X, w, b, Y = np.array([[1, 2, -1], [3, 4, -3.2]]), np.array([[1], [2]]), 2, np.array([[1, 0, 1]])  # Ng's layout
    A = 1 / (1 + np.exp(-(np.dot(w.T, X) + b)))
    assert (np.dot(w.T, X) + b)[0, 0] == 9  # by hand on the page
    assert s.p == pytest.approx(A[0])
    assert s.cost == pytest.approx(-np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / 3)
    assert s.cost == pytest.approx(5.801545319394553, abs=1e-12)
    assert s.out == [f"p {A[0].round(6)}, cost 5.801545319395"]


def test_broadcast_rule(steps):
    s = steps["broadcast_rule"]
    assert s.broadcast((3, 4), (4,)) == (3, 4) and s.broadcast((5, 1), (5,)) == (5, 5)
    assert s.broadcast((3, 4), (3,)) is None and s.broadcast((), (2, 1)) == (2, 1)
    assert s.broadcast((0, 1), (1, 3)) == (0, 3) and s.broadcast((0,), (1,)) == (0,)
    assert len(s.shapes) == len(set(s.shapes)) == 1 + 3 + 9 + 27 == 40
    for pair in product(s.shapes, s.shapes):
        try:
            expected = np.broadcast_shapes(*pair)
        except ValueError:
            expected = None
        assert s.broadcast(*pair) == s.numpy_says(*pair) == expected
    assert None in {s.broadcast(*pair) for pair in product(s.shapes, s.shapes)}
    assert s.out == ["1600 of 1600 pairs as NumPy says"]


# --- what the page asks ---------------------------------------------------------------------------------


def test_questions():
    entry, pictures, mean = answers_of("notation")
    A, B = [[1, 2, 3], [4, 5, 6]], [[0, 1, 2], [1, 0, -1]]
    product_of = {(i, k): sum(a * b for a, b in zip(A[i], B[k])) for i in range(2) for k in range(2)}
    assert [float(value) for value in entry] == [product_of[1, 0], product_of[0, 1], A[1][0] * B[1][0]]
    line = [number // (64 * 64 * 3) for number in range(4 * 64 * 64 * 3)]  # the picture of each number
    assert pictures == [str(len(set(line[::4]))), "1"] and pictures[0] == "4"
    pairs = [(a - b) ** 2 for a in (1, 2, 3) for b in (1, 2, 3)]
    assert mean == [f"{sum(pairs) / 9:.2f}", "0.00", f"{sum(pairs) / 3:.2f}"] and sum(pairs) == 12
