"""Large signs of a figure's formulas as outlines: roots, sums, tall brackets.

matplotlib takes them from fonts of its own in which they are large; as text they would come in the page's font, small.
"""

from __future__ import annotations

import functools
import re

FAMILIES = r"STIXSize\w+Sym|DejaVu Sans Display"
SIGN = re.compile(rf"""\s*<tspan x="(?P<x>[^"]*)" y="(?P<y>[^"]*)" style="font-size: (?P<size>[\d.]+)px;"""
                   rf""" font-family: '(?P<family>{FAMILIES}|DejaVu Sans(?='">√))'">(?P<sign>[^<])</tspan>""")
TEXT = re.compile(r"<text>.*?</text>", re.DOTALL)
CODES = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "Z"}


def outlined(svg: str) -> str:
    """matplotlib's SVG with each large sign drawn as a path behind the text that it belongs to."""
    if not SIGN.search(svg):
        return svg
    return TEXT.sub(lambda text: SIGN.sub("", text[0]) + "".join(map(_path, SIGN.finditer(text[0]))), svg)


def _path(sign: re.Match[str]) -> str:
    outline = _outline(sign["sign"], sign["family"], float(sign["size"]))
    return f'<path d="{outline}" transform="translate({sign["x"]} {sign["y"]})"/>'


@functools.cache
def _outline(sign: str, family: str, size: float) -> str:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    path = TextPath((0, 0), sign, size=size, prop=FontProperties(family=family), usetex=False)
    parts = []
    for points, code in path.iter_segments(simplify=False, curves=True):
        numbers = " ".join(f"{-value if index % 2 else value:.3f}" for index, value in enumerate(points))
        parts.append("Z" if code == 79 else f"{CODES[int(code)]} {numbers}")
    return " ".join(parts)
