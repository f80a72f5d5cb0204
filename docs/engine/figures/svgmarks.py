"""Many marks, one path: a scatter of 500 points or the ticks of an axis need not be 500 elements of the page."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping

from .svgtree import INHERITED

_NUMBER = re.compile(r"-?\d*\.?\d+")
_START = re.compile(r"M(-?[\d.]+) ?(-?[\d.]+)")


def merge_marks(root: ET.Element) -> None:
    """Replace <use> elements that differ in place only by one <path>, wherever the drawing stays the same.

    It does not where marks are translucent or have edges of another colour: then it matters which lies on which.
    """
    shapes = {f"#{shape.get('id')}": shape for shape in root.iterfind("defs/path")}
    _merge_below(root, {}, shapes)
    used = {use.get("href") for use in root.iter("use")}
    for definitions in root.findall("defs"):
        for shape in definitions.findall("path"):
            if f"#{shape.get('id')}" not in used:
                definitions.remove(shape)
        if not len(definitions):
            root.remove(definitions)


def _merge_below(parent: ET.Element, inherited: Mapping[str, str], shapes: Mapping[str, ET.Element]) -> None:
    look = {**inherited, **{name: value for name, value in parent.attrib.items() if name in INHERITED}}
    for uses in _series(parent, shapes):
        path = _path(uses, shapes[uses[0].attrib["href"]], look)
        if path is not None:
            parent[list(parent).index(uses[0])] = path
            for use in uses[1:]:
                parent.remove(use)
    for group in parent.iterfind("g"):
        _merge_below(group, look, shapes)


def _series(parent: ET.Element, shapes: Mapping[str, ET.Element]) -> list[list[ET.Element]]:
    """Marks of `parent` that are alike but for their place, as long as nothing that may overlap lies between."""
    open_series: dict[tuple, list[ET.Element]] = {}
    found = []
    for child in parent:
        shape = shapes.get(child.get("href", "")) if child.tag == "use" else None
        if shape is None:
            if child.tag != "text":
                open_series = {}
            continue
        key = tuple(sorted(item for item in child.attrib.items() if item[0] not in ("x", "y")))
        if key not in open_series:
            if "z" in shape.attrib["d"]:
                open_series = {}  # filled marks may overlap those of another colour; ticks, mere strokes, do not
            open_series[key] = []
            found.append(open_series[key])
        open_series[key].append(child)
    return found


def _path(uses: list[ET.Element], shape: ET.Element, inherited: Mapping[str, str]) -> ET.Element | None:
    """One path that draws `shape` at the place of each of `uses`, or None where that would look different."""
    own = {**uses[0].attrib, **shape.attrib}
    own = {name: value for name, value in own.items() if name not in ("x", "y", "href", "id", "d")}
    look = {**inherited, **own}
    fill, stroke = look.get("fill", "currentColor"), look.get("stroke", "none")
    outline = shape.attrib["d"]
    translucent = any(float(look.get(name, "1")) < 1 for name in ("opacity", "fill-opacity", "stroke-opacity"))
    if len(uses) > 1 and (translucent or "none" not in (fill, stroke) and fill != stroke and "z" in outline):
        return None
    if "transform" in own or "clip-path" in own:
        return None
    places = [(float(use.get("x", "0")), float(use.get("y", "0"))) for use in uses]
    radius = _circle(outline)
    if radius and fill != "none" and stroke in ("none", fill):
        edge = float(look.get("stroke-width", "1")) if stroke != "none" else 0.0
        dot = {"fill": "none", "stroke": fill, "stroke-linecap": "round", "stroke-width": f"{2 * radius + edge:.4g}"}
        return ET.Element("path", own | dot | {"d": "".join(f"M{x:g} {y:g}h0" for x, y in places)})
    return ET.Element("path", own | {"d": "".join(_moved(outline, x, y) for x, y in places)})


def _circle(outline: str) -> float | None:
    """The radius, if `outline` is matplotlib's circle: eight curves from its top round to its top."""
    numbers = [float(number) for number in _NUMBER.findall(outline)]
    is_circle = len(numbers) == 50 and numbers[0] == 0 and set(re.sub(r"[-\d. ]", "", outline)) == set("Mcz")
    return abs(numbers[1]) if is_circle else None


def _moved(outline: str, x: float, y: float) -> str:
    """`outline`, whose steps are relative but for their starts, moved by x and y."""

    def start(match: re.Match) -> str:
        return f"M{round(float(match[1]) + x, 2):g} {round(float(match[2]) + y, 2):g}"

    return _START.sub(start, outline)
