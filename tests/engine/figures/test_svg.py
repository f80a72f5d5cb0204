"""engine/figures/svg.py and its helpers, on figures that matplotlib really draws in the book's style."""

from __future__ import annotations

import io
import re
import warnings
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import matplotlib.style
import numpy as np
import pytest
from matplotlib.figure import Figure

from book_engine.figures.svg import CYCLE, clean_svg, paint
from book_engine.run import drawing

STYLE = Path(__file__).parents[3] / "docs/assets/figures.mplstyle"
X = np.linspace(0, 6, 50)


def save(draw, **figure) -> str:
    """matplotlib's own SVG of what `draw(figure)` draws."""
    with matplotlib.style.context(STYLE):
        fig = Figure(**figure)
        draw(fig)
        file = io.StringIO()
        fig.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def line(fig):
    ax = fig.subplots()
    ax.plot(X, np.sin(X), "o-", label=r"$\hat{y}$")
    ax.plot(X, np.cos(X), "--", color="black", label="cosine")
    ax.axhline(0, color="0.5")
    ax.set(xlabel="step", title=r"$\eta = 0.1$")
    ax.legend()


def scatter(fig):
    ax = fig.subplots()
    ax.scatter(X, X**2, c=X, alpha=0.5)
    ax.scatter(X, X, marker="x", color="C1")


def contour(fig):
    left, right = fig.subplots(1, 2)
    x, y = np.meshgrid(X, X)
    left.contour(x, y, x * y)
    fig.colorbar(right.contourf(x, y, x * y), ax=right)


def surface(fig):
    x, y = np.meshgrid(X[::5], X[::5])
    fig.add_subplot(projection="3d").plot_surface(x, y, x * y, cmap="viridis")


def image(fig):
    left, right = fig.subplots(1, 2)
    left.imshow(X.reshape(5, 10))
    right.pcolormesh(X, X, np.outer(X, X), rasterized=True)


def logarithmic(fig):
    ax = fig.subplots()
    ax.loglog(10**X, 10**X)
    ax.fill_between(10**X, 10**X, 1, hatch="//", alpha=0.2)
    ax.set_xlabel(r"$\frac{1}{N}\sum_{n=1}^N (y^{(n)} - \hat{y}^{(n)})^2$")


FIGURES = [line, scatter, contour, surface, image, logarithmic]


class Reader(HTMLParser):
    """Reads HTML as it is: tags must be closed, ids single, attributes given once."""

    def __init__(self, html: str):
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self.feed(html)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.handle_startendtag(tag, attrs)

    def handle_startendtag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), attrs
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data

    def handle_comment(self, data):
        raise AssertionError(data)

    def handle_decl(self, decl):
        raise AssertionError(decl)

    def handle_pi(self, data):
        raise AssertionError(data)


@pytest.mark.parametrize("draw", FIGURES)
def test_the_result_is_plain_html(draw):
    raw = save(draw)
    svg = clean_svg(raw, "loss-3-")
    reader = Reader(svg)
    assert reader.elements[0][0] == "svg"
    assert not {tag for tag, _ in reader.elements} & {"style", "metadata", "script"}
    names = {name for _, attributes in reader.elements for name in attributes}
    assert not names & {"style", "xmlns", "xlink:href", "font-family"}
    assert len(svg) < 0.8 * len(raw)


@pytest.mark.parametrize("draw", FIGURES)
def test_every_id_starts_with_the_prefix_and_every_reference_finds_its_id(draw):
    svg = clean_svg(save(draw), "loss-3-")
    elements = Reader(svg).elements
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert all(name.startswith("loss-3-") for name in ids)
    wanted = set(re.findall(r"url\(#([^)]+)\)", svg)) | set(re.findall(r'href="#([^"]+)"', svg))
    assert wanted == set(ids)


@pytest.mark.parametrize("draw", FIGURES)
def test_no_colour_is_left_that_only_one_scheme_can_show(draw):
    svg = clean_svg(save(draw), "")
    left = {value for _, a in Reader(svg).elements for name, value in a.items() if name in ("fill", "stroke")}
    assert not left & {"#000000", "#ffffff", "black", "white", *CYCLE}
    assert not [colour for colour in left if re.fullmatch(r"#(..)\1\1", colour)]


def test_the_same_figure_gives_the_same_bytes():
    assert clean_svg(save(line), "a-") == clean_svg(save(line), "a-")
    assert clean_svg(save(line), "a-").replace("a-", "b-") == clean_svg(save(line), "b-")


def test_size_is_in_pixels_beside_the_view_box():
    _, svg = Reader(clean_svg(save(line), "")).elements[0]
    assert (svg["width"], svg["height"], svg["viewbox"]) == ("614", "346", "0 0 460.8 259.2")


def test_the_white_plate_of_matplotlibs_own_style_goes_too():
    fig = Figure()
    fig.subplots().plot([0, 1])
    file = io.StringIO()
    fig.savefig(file, format="svg", metadata={"Date": None})
    svg = clean_svg(file.getvalue(), "")
    assert svg.count("var(--figure-paper)") == 1  # the axes; the figure's plate is gone


@pytest.mark.parametrize(("colour", "on_the_page"), [
    ("#000000", "currentColor"),
    ("#ffffff", "var(--figure-paper)"),
    (CYCLE[0], "var(--figure-0)"),
    (CYCLE[5], "var(--figure-5)"),
    ("#808080", "color-mix(in srgb,currentColor 50%,var(--figure-paper))"),
    ("#440154", "#440154"),
    ("none", "none"),
    ("url(#a)", "url(#a)"),
])
def test_paint(colour, on_the_page):
    assert paint(colour) == on_the_page


def test_the_cycle_is_the_style_files():
    with matplotlib.style.context(STYLE):
        assert tuple("#" + c.lstrip("#") for c in matplotlib.rcParams["axes.prop_cycle"].by_key()["color"]) == CYCLE


def test_raster_images_survive():
    svg = clean_svg(save(image), "")
    images = [attributes for tag, attributes in Reader(svg).elements if tag == "image"]
    assert len(images) == 2
    assert all(a["href"].startswith("data:image/png;base64,iVBOR") for a in images)
    assert all(re.fullmatch(r"\S+", a["href"]) for a in images)


def words_of(label: str) -> str:
    def draw(fig):
        ax = fig.subplots()
        ax.set_axis_off()
        ax.text(0.5, 0.5, label)

    return Reader(clean_svg(save(draw), "")).words


@pytest.mark.parametrize(("label", "words"), [
    ("plain <text> & more", "plain <text> & more"),
    (r"$\hat{y}$", "ŷ"),
    (r"$\bar{x}_i$", "x̄i"),
    (r"$\hat{y}x$", "ŷx"),
    (r"$\hat{y} = w x + b$", "ŷ\u2009=\u2009wx\u2009+\u2009b"),
    (r"$\eta = -1$", "η\u2009=\u2009−1"),
    (r"$10^{-3}$", "10−3"),
    (r"$x^2 + 1$", "x2\u2009+\u20091"),
    (r"learning rate $\eta$", "learning rate η"),
    (r"$\log x$", "log\u2009x"),
    (r"$f(-x)$", "f(−x)"),
])
def test_formulas_become_running_text(label, words):
    assert words_of(label) == words


def test_scripts_over_one_another_and_fractions_keep_their_places():
    def draw(fig):
        fig.text(0.5, 0.5, r"$w_i^2 + \frac{a}{b}$")

    spans = [a for tag, a in Reader(clean_svg(save(draw), "")).elements if tag == "tspan"]
    assert all({"x", "y"} <= span.keys() for span in spans)


def test_text_is_sized_in_em_so_that_a_style_sheet_can_enlarge_it():
    elements = Reader(clean_svg(save(line), "")).elements
    assert elements[0][1]["font-size"] == "10"
    sizes = {a["font-size"] for _, a in elements[1:] if "font-size" in a}
    assert sizes and all(size.endswith("em") for size in sizes)


def marks(draw) -> list[tuple[str, dict[str, str]]]:
    def bare(fig):
        ax = fig.subplots()
        ax.set_axis_off()
        draw(ax)

    return [(tag, a) for tag, a in Reader(clean_svg(save(bare), "")).elements if tag in ("use", "path")]


def test_opaque_dots_are_one_path():
    (tag, path), = marks(lambda ax: ax.plot(X, X, "o", markersize=4))
    assert tag == "path"
    assert path["d"].count("h0") == 50
    assert (path["stroke"], path["stroke-linecap"]) == ("var(--figure-0)", "round")
    assert path["stroke-width"] == "5"  # a diameter of 4 and half an edge of 1 on either side


def test_crosses_are_one_path():
    (_, path), = marks(lambda ax: ax.scatter(X, X, marker="x"))
    assert path["d"].count("M") == 100


@pytest.mark.parametrize("draw", [
    lambda ax: ax.scatter(X, X, alpha=0.5),
    lambda ax: ax.plot(X, X, "o", markeredgecolor="black"),
    lambda ax: ax.plot(X, X, "^", markerfacecolor="white"),
])
def test_marks_whose_overlaps_show_stay_apart(draw):
    assert sum(tag == "use" for tag, _ in marks(draw)) == 50


def test_dots_of_another_colour_are_not_overtaken():
    """Red, blue, red: drawn in that order, so the first and the last may not be joined."""
    drawn = marks(lambda ax: ax.scatter([1, 1, 1], [1, 1, 1], c=["C1", "C0", "C1"]))
    assert [a["stroke"] for _, a in drawn] == ["var(--figure-1)", "var(--figure-0)", "var(--figure-1)"]


def test_what_is_not_a_drawing_is_refused():
    with pytest.raises(ValueError, match="expected the root element <svg>, found <html>"):
        clean_svg("<html/>", "")
    with pytest.raises(ET.ParseError):
        clean_svg("no", "")


@pytest.mark.parametrize(("points", "off"), [(997, 0.0501), (9, 0.0051)])
def test_points_are_rounded_without_drift(points, off):
    """Of a curve to tenths of a typographic point, of a line of few points to hundredths."""
    def draw(fig):
        ax = fig.subplots()
        ax.set_axis_off()
        ax.plot(np.linspace(0, 1, points), np.linspace(0, 1, points) ** 3 % 0.1)

    raw = save(draw)
    paths = ET.fromstring(raw).iter("{http://www.w3.org/2000/svg}path")
    drawn = next(path for path in paths if "stroke:" in path.get("style", ""))
    exact = [float(n) for n in re.findall(r"-?[\d.]+", drawn.attrib["d"])]
    (_, path), = [e for e in Reader(clean_svg(raw, "")).elements if e[0] == "path"]
    assert "L" not in path["d"]
    steps = [float(n) for n in re.findall(r"-?[\d.]+", path["d"])]
    here = np.cumsum(np.reshape(steps, (-1, 2)), axis=0)
    assert np.abs(here - np.reshape(exact, (-1, 2))).max() < off


# -- signs of formulas that only matplotlib's fonts have ---------------------------------------------------------------


def saved(text: str) -> str:
    with matplotlib.style.context(STYLE):
        figure = Figure()
        figure.text(0.5, 0.5, text)
        return drawing._svg(figure)


@pytest.mark.parametrize(("label", "letters"), [
    (r"$\mathcal{L}$", "ℒ"), (r"$\mathcal{ADN}$", "𝒜𝒟𝒩"), (r"$\mathbb{RE}$", "ℝ𝔼"), (r"$\mathscr{F}$", "ℱ"),
    (r"$\mathfrak{g}$", "𝔤"),
])
def test_no_character_of_private_use_reaches_a_page(label, letters):
    svg = saved(label)
    assert all(letter in svg for letter in letters)
    assert not re.search("[\ue000-\uf8ff]", svg)


def test_another_sign_of_private_use_is_refused():
    with warnings.catch_warnings(), pytest.raises(ValueError, match=r"U\+E001.*a box"):
        warnings.simplefilter("ignore")
        saved("\ue001")


@pytest.mark.parametrize("label", [r"$\sqrt{x}$", r"$\sum_{i=1}^n$", r"$\int_0^1$", r"$\sqrt{\frac{a}{b}}$"])
def test_large_signs_are_outlines(label):
    svg = clean_svg(saved(label), "a-")
    assert "<path" in svg.partition("<text")[2] and not set("√∑∫") & set(svg)
