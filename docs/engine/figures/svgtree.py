"""The tree of a cleaned SVG: short ids, definitions in one place, no group that says nothing, many marks in one path
(a scatter of 500 points or the ticks of an axis need not be 500 elements of the page), written for HTML."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from html import escape

INHERITED = {
    *("fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-linejoin", "stroke-linecap"),
    *("stroke-dasharray", "font-size", "font-style", "font-weight", "text-anchor"),
}
_REFERENCE = re.compile(r"(?<=url\(#)[^)]+(?=\))|(?<=^#).+")  # a colour looks like one, and is no id
_NUMBER = re.compile(r"-?\d*\.?\d+")
_START = re.compile(r"M(-?[\d.]+) ?(-?[\d.]+)")


def rename_ids(root: ET.Element, prefix: str) -> None:
    """Number the ids that something refers to, in reading order; drop the rest."""
    used = {name for element in root.iter() for value in element.attrib.values() if "#" in value
            for name in _REFERENCE.findall(value)}
    names = [element.attrib["id"] for element in root.iter() if element.get("id") in used]
    new = {name: f"{prefix}{number}" for number, name in enumerate(names, start=1)}
    for element in root.iter():
        if element.get("id", "") not in new:
            element.attrib.pop("id", None)
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, new[value])
            elif "#" in value:  # long paths hold none
                element.set(key, _REFERENCE.sub(lambda match: new.get(match[0], match[0]), value))


def gather_definitions(root: ET.Element) -> None:
    """Put all definitions in one place, so that groups hold only what is drawn."""
    holders = [(parent, child) for parent in root.iter() for child in parent if child.tag == "defs"]
    together = ET.Element("defs")
    for parent, child in holders:
        parent.remove(child)
        together.extend(child)
    if len(together):
        root.insert(0, together)


def flatten(element: ET.Element) -> None:
    """Unwrap bare groups, drop what draws nothing, say once what all children of a group share."""
    children: list[ET.Element] = []
    for child in element:
        if child.tag == "g":
            flatten(child)
            children.extend(_unwrapped(child))
        elif not _draws_nothing(child):
            children.append(child)
    element[:] = children
    if element.tag == "g" and len(children) > 1:
        shared = INHERITED | {"clip-path"} if not any(map(moves_its_clip, children)) else INHERITED
        for name in sorted(shared.difference(element.attrib)):
            values = {child.get(name) for child in children}
            if len(values) == 1 and None not in values:
                element.set(name, str(values.pop()))
                for child in children:
                    del child.attrib[name]


def _unwrapped(group: ET.Element) -> list[ET.Element]:
    """The children of `group` where the group adds nothing that its only child cannot say, else the group."""
    if not group.attrib or not len(group):
        return list(group)
    child = group[0]
    if len(group) > 1 or group.attrib.keys() & child.attrib.keys() or "transform" in child.attrib:
        return [group]
    if "clip-path" in group.attrib and moves_its_clip(child):
        return [group]
    child.attrib.update(group.attrib)
    return [child]


def moves_its_clip(child: ET.Element) -> bool:
    """A transform does; browsers differ on whether the x and y of <use> do. With or without namespace."""
    return child.tag.endswith("use") or "transform" in child.attrib


def _draws_nothing(child: ET.Element) -> bool:
    return child.tag == "path" and ("d" not in child.attrib
                                    or child.get("fill") == "none" and "stroke" not in child.attrib)


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
    return _START.sub(lambda start: f"M{round(float(start[1]) + x, 2):g} {round(float(start[2]) + y, 2):g}", outline)


def short(number: float, digits: int = 2) -> str:
    """The number as an attribute says it, in no more digits after the point."""
    text = f"{number:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def write(element: ET.Element) -> str:
    """HTML of `element`: no namespaces, no white space between elements."""
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in element.attrib.items())
    inner = escape(element.text or "", quote=False) + "".join(map(write, element))
    return f"<{element.tag}{attributes}>{inner}</{element.tag}>" if inner else f"<{element.tag}{attributes}/>"
