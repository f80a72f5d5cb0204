"""The tree of a cleaned SVG: short ids, definitions in one place, no group that says nothing, written for HTML."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html import escape

INHERITED = {
    *("fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-linejoin", "stroke-linecap"),
    *("stroke-dasharray", "font-size", "font-style", "font-weight", "text-anchor"),
}
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def rename_ids(root: ET.Element, prefix: str) -> None:
    """Number the ids that something refers to, in reading order; drop the rest."""
    used = {
        name
        for element in root.iter()
        for value in element.attrib.values()
        for name in ([value[1:]] if value.startswith("#") else _REFERENCE.findall(value))
    }
    names = [e.attrib["id"] for e in root.iter() if e.get("id") in used]
    new = {name: f"{prefix}{number}" for number, name in enumerate(names, start=1)}
    for element in root.iter():
        if "id" in element.attrib and element.attrib["id"] not in new:
            del element.attrib["id"]
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, new[value])
            elif key == "href" and value.startswith("#"):
                element.set(key, f"#{new[value[1:]]}")
            elif "url(#" in value:
                element.set(key, _REFERENCE.sub(lambda match: f"url(#{new[match[1]]})", value))


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
        shared = INHERITED | {"clip-path"} if not any(map(_moves_its_clip, children)) else INHERITED
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
    if "clip-path" in group.attrib and _moves_its_clip(child):
        return [group]
    child.attrib.update(group.attrib)
    return [child]


def _moves_its_clip(child: ET.Element) -> bool:
    """A transform does; browsers differ on whether the x and y of <use> do."""
    return child.tag == "use" or "transform" in child.attrib


def _draws_nothing(child: ET.Element) -> bool:
    return child.tag == "path" and ("d" not in child.attrib
                                    or child.get("fill") == "none" and "stroke" not in child.attrib)


def write(element: ET.Element) -> str:
    """HTML of `element`: no namespaces, no white space between elements."""
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in element.attrib.items())
    inner = escape(element.text or "", quote=False) + "".join(map(write, element))
    return f"<{element.tag}{attributes}>{inner}</{element.tag}>" if inner else f"<{element.tag}{attributes}/>"
