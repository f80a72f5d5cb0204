"""What a block has drawn, as SVG.

Large signs of formulas (roots, sums, tall brackets) come as outlines: matplotlib takes them from fonts of its own in
which they are large; as text they would come in the page's font, small.
"""

from __future__ import annotations

import contextlib
import functools
import io
import re
import sys
import unicodedata

PRIVATE = re.compile("[\ue000-\uf8ff]")
LETTERS = {"bb": "DOUBLE-STRUCK", "cal": "SCRIPT", "frak": "FRAKTUR", "scr": "SCRIPT", "sf": "SANS-SERIF"}
FAMILIES = r"STIXSize\w+Sym|DejaVu Sans Display"
SIGN = re.compile(rf"""\s*<tspan x="(?P<x>[^"]*)" y="(?P<y>[^"]*)" style="font-size: (?P<size>[\d.]+)px;"""
                   rf""" font-family: '(?P<family>{FAMILIES}|DejaVu Sans(?='">√))'">(?P<sign>[^<])</tspan>""")
TEXT = re.compile(r"<text>.*?</text>", re.DOTALL)
CODES = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "Z"}


def set_style(style: str | None) -> None:
    """How figures look from now on, by `style`, a file of matplotlib. OSError, ValueError or a warning if it is not."""
    import matplotlib.style
    from matplotlib import textpath

    # Each drawing would read its formulas anew, with a parser of its own that forgets them: one for all remembers.
    textpath.MathTextParser = functools.cache(textpath.MathTextParser)  # pyright: ignore
    matplotlib.rcdefaults()  # the reader's own matplotlibrc does not change the book's figures
    matplotlib.use("agg")
    matplotlib.rcParams["svg.hashsalt"] = "book"
    if style:
        matplotlib.style.use(style)


def take_figures() -> list[str]:
    """Every open figure as SVG, in the order in which they were opened; all are closed, also when saving fails."""
    if (pyplot := sys.modules.get("matplotlib.pyplot")) is None:
        return []
    try:
        return [_svg(pyplot.figure(number)) for number in pyplot.get_fignums()]
    finally:
        pyplot.close("all")


def close_figures() -> None:
    """Drops the figures of a block that has failed already: its own error is the one to show."""
    if (pyplot := sys.modules.get("matplotlib.pyplot")) is not None:
        pyplot.close("all")


def _svg(figure) -> str:
    if figure.axes and (engine := figure.get_layout_engine()):
        def lay_out(_) -> None:
            del figure.draw
            engine.execute(figure)

        figure.draw = lay_out  # savefig draws once for the layout alone, which needs no drawing: a fifth of its time
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = PRIVATE.sub(_letter, outlined(buffer.getvalue()))
    if match := PRIVATE.search(svg):
        raise ValueError(f"a figure holds a sign that only matplotlib's own font has (U+{ord(match[0]):X}), and a "
                         "reader would see a box; write the label without it, or say it in the caption")
    return svg


def _letter(match: re.Match[str]) -> str:
    """The letter of Unicode for one of matplotlib's own font; another sign stays."""
    return _private_letters().get(match[0], match[0])


@functools.cache
def _private_letters() -> dict[str, str]:
    """matplotlib takes some letters (\\mathcal) from a font where they have numbers that no other font knows."""
    found: dict[str, str] = {}
    with contextlib.suppress(ImportError, AttributeError, TypeError, ValueError):
        from matplotlib._mathtext_data import stix_virtual_fonts

        for family, style in LETTERS.items():
            faces = stix_virtual_fonts[family]
            for first, last, _, private in sum(faces.values(), []) if isinstance(faces, dict) else faces:
                found |= {chr(private + index): _styled(chr(code), style)
                          for index, code in enumerate(range(first, last + 1))
                          if PRIVATE.match(chr(private + index))}
    return found


def _styled(letter: str, style: str) -> str:
    name = re.sub(r"^(?:LATIN|GREEK) (SMALL|CAPITAL) LETTER", r"\1", unicodedata.name(letter, ""))
    for candidate in (f"MATHEMATICAL {style} {name}", f"{style} {name}"):
        with contextlib.suppress(KeyError):
            return unicodedata.lookup(candidate)
    return letter


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
