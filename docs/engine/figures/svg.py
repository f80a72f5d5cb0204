"""matplotlib's SVG, made fit to stand inside a page.

One figure serves both colour schemes: black becomes the text colour, white the paper, the six colours of the cycle
custom properties of `assets/book.css`, and greys mixtures of ink and paper. Nothing needs an inline style, so a
strict content security policy can stand.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from .svgtext import set_text
from .svgtree import flatten, gather_definitions, merge_marks, rename_ids, short, write

# The colour cycle of assets/figures.mplstyle; book.css gives each a light and a dark value (tests compare all three).
CYCLE = ("#2951c9", "#b33b05", "#197457", "#6f2a60", "#bf8912", "#139dbe")
COLOURS = {
    "#000000": "currentColor",
    "#ffffff": "var(--figure-paper)",
    **{colour: f"var(--figure-{index})" for index, colour in enumerate(CYCLE)},
}

_SVG = "{http://www.w3.org/2000/svg}"
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
_PAINTS = ("fill", "stroke", "stop-color")
_LENGTHS = {
    *("x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "cx", "cy", "r", "width", "height", "points", "viewBox"),
    *("font-size", "stroke-width", "stroke-dasharray", "stroke-dashoffset"),
}
_UNSAID = {("stroke-dashoffset", "0"), ("version", "1.1")}  # what need not be said
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_LEADING_ZERO = re.compile(r"(?<![\d.])0(?=\.)")
_FUNCTION = re.compile(r"(\w+)\(([^)]*)\)")


def clean_svg(svg: str, prefix: str) -> str:
    """The inline SVG for a page: `svg` as matplotlib saved it, every id and reference starting with `prefix`.

    Raises ValueError if `svg` is not an SVG document, and ET.ParseError if it is not XML.
    """
    root = ET.fromstring(svg)
    if root.tag != f"{_SVG}svg":
        raise ValueError(f"expected the root element <svg>, found <{root.tag}>")
    for element in root.iter():
        _strip_foreign(element)
    _drop_background(root)
    for element in root.iter():
        _tidy_attributes(element)
    set_text(root)
    _size_text(root)
    gather_definitions(root)
    rename_ids(root, prefix)
    flatten(root)
    merge_marks(root)
    # matplotlib says this in a <style> element, which would reach every SVG of the page.
    root.set("stroke-linejoin", "round")
    root.set("fill", "currentColor")
    _, _, width, height = root.attrib["viewBox"].split()
    root.set("width", short(float(width) * 4 / 3, 0))  # points to CSS pixels
    root.set("height", short(float(height) * 4 / 3, 0))
    return write(root)


def paint(colour: str) -> str:
    """What stands for `colour` (as matplotlib writes it: `#rrggbb`, `none`, `url(…)`) on the page."""
    if colour in COLOURS or not re.fullmatch(r"#[0-9a-f]{6}", colour):
        return COLOURS.get(colour, colour)
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    if red == green == blue:
        return f"color-mix(in srgb,currentColor {short(100 - red / 2.55, 0)}%,var(--figure-paper))"
    return colour


def _strip_foreign(element: ET.Element) -> None:
    """Remove <style>, <metadata> and whatever is not SVG from under `element`, and namespaces from names."""
    for child in list(element):
        if not child.tag.startswith(_SVG) or child.tag in (f"{_SVG}style", f"{_SVG}metadata"):
            element.remove(child)
    element.tag = element.tag.removeprefix(_SVG)
    if _XLINK_HREF in element.attrib:
        element.set("href", re.sub(r"\s+", "", element.attrib.pop(_XLINK_HREF)))
    if len(element) or element.tag not in ("text", "tspan"):
        element.text = None
    element.tail = None


def _drop_background(root: ET.Element) -> None:
    """Remove the plate behind the whole figure: the first patch of matplotlib's group `figure_1`."""
    for figure in root.findall("g[@id='figure_1']"):
        for plate in figure.findall("g[@id='patch_1']"):
            figure.remove(plate)


def _tidy_attributes(element: ET.Element) -> None:
    """Style declarations become attributes; colours follow the page; numbers keep what the eye can see."""
    for declaration in filter(str.strip, element.attrib.pop("style", "").split(";")):
        name, _, value = declaration.partition(":")
        element.set(name.strip(), value.strip())
    element.attrib.pop("font-family", None)  # the page's own
    if element.attrib.pop("image-rendering", ""):
        element.set("class", "pixels")  # as an attribute its value `pixelated` is not valid, as a style it is
    for name, value in list(element.attrib.items()):
        if name in _PAINTS:
            value = paint(value)
        elif name in _LENGTHS:
            value = " ".join(short(float(number)) for number in _NUMBER.findall(value))
        elif name == "d":
            value = _short_path(value)
        elif name == "transform":
            value = _short_transform(value)
        if not value or (name, value) in _UNSAID:
            del element.attrib[name]
        else:
            element.set(name, value)


def _size_text(root: ET.Element) -> None:
    """Sizes in em of the root's 10, so that a style sheet can enlarge all text of a figure that is drawn small."""
    for element in root.iter():
        if "font-size" in element.attrib:
            element.set("font-size", f"{short(float(element.attrib['font-size']) / 10, 3)}em")
    root.set("font-size", "10")


def _short_path(path: str) -> str:
    """`path` in steps from point to point, which are shorter than places. Steps lead from rounded place to rounded
    place, so that errors do not add up. matplotlib writes M, L, Q, C and z, each token set apart. A line of many
    points is rounded to tenths, an eighth of a pixel on the page: that is a fifteenth of the heaviest pages.
    """
    parts, here, last = [], (0, 0), ""
    fine = 10 if path.count("L") > 12 and not re.search("[QC]", path) else 100
    for command, numbers in re.findall(r"([A-Za-z])([^A-Za-z]*)", path):
        rounded = [round(fine * float(number)) for number in numbers.split()]
        points = list(zip(rounded[::2], rounded[1::2], strict=True))
        origin = (0, 0) if command == "M" else here
        steps = " ".join(short((n - origin[i % 2]) / fine) for i, n in enumerate(rounded)).replace(" -", "-")
        name = command if command == "M" else command.lower()
        parts.append((steps if steps.startswith("-") else f" {steps}") if name == last and steps else name + steps)
        here, last = (points or [here])[-1], name
    return _LEADING_ZERO.sub("", "".join(parts))


def _short_transform(transform: str) -> str:
    parts = []
    for name, inner in _FUNCTION.findall(transform):
        digits = 2 if name in ("translate", "rotate") else 5
        values = [short(float(number), digits) for number in _NUMBER.findall(inner)]
        if (name, values[0]) != ("rotate", "0"):
            parts.append(f"{name}({' '.join(values)})")
    return " ".join(parts)
