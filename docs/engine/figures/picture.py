"""A figure as a picture. A notebook that was downloaded is not trusted, and JupyterLab then shows no SVG; other sites
show a picture beside a link."""

from __future__ import annotations

import base64
import functools
import io
import itertools
import xml.etree.ElementTree as ET
from importlib import metadata
from pathlib import Path

from .svgtree import moves_its_clip

PACKAGES = ("resvg-py", "pillow")  # one draws SVG, the other packs
FONT = "DejaVu Sans"  # of figures.mplstyle; it comes with matplotlib
DPI = 96  # a picture is as large as the figure on the page
CARD = """<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630"><rect width="1200" height="630" fill="{}"/>
{}{}</svg>"""
SVG = "{http://www.w3.org/2000/svg}"
PAPER = "#fdfcf9"  # as in book.css
COLOURS = 96  # of a card: a third of the bytes of all colours, and the eye sees no difference


@functools.lru_cache(maxsize=256)
def png_of(svg: str) -> str:
    """The figure as PNG in base64, on white, since it must read in light and in dark. Twins have the same figures."""
    return base64.b64encode(_drawn(_placed(svg), "white")).decode("ascii")


def card_of(svg: str, mark: str) -> bytes:
    """The figure on the book's paper with the book's mark beside it, in the shape that other sites show: PNG."""
    from PIL import Image

    # Of a drawing that is part of another one, what stands out is cut off, which takes longer than to draw it.
    figure = _placed(svg, x="60", y="45", width="960", height="540", overflow="visible")
    seal = _placed(mark, x="1068", y="513", width="72", height="72", overflow="visible")
    drawn = Image.open(io.BytesIO(_drawn(CARD.format(PAPER, figure, seal), PAPER)))
    packed = io.BytesIO()
    drawn.convert("RGB").quantize(COLOURS, Image.Quantize.FASTOCTREE).save(packed, "PNG")
    return packed.getvalue()


def _placed(svg: str, **place: str) -> str:
    """The SVG with these attributes of its root; as part of another one it keeps its proportions."""
    root = ET.fromstring(svg)
    root.attrib.update(place)
    _clip_together(root)
    return ET.tostring(root, encoding="unicode")


def _clip_together(parent: ET.Element) -> None:
    """Neighbours that are cut by the same path are cut as one: resvg makes a mask of the whole picture for each, and
    matplotlib asks for one with each line, which took a third of the time of a picture."""
    for child in parent:
        _clip_together(child)
    children: list[ET.Element] = []
    for clip, run in itertools.groupby(parent, _clip):
        together = list(run)
        if clip and len(together) > 1:
            for child in together:
                del child.attrib["clip-path"]
            group = ET.Element(f"{SVG}g", {"clip-path": clip})
            group.extend(together)
            together = [group]
        children += together
    parent[:] = children
    drawn = [child for child in parent if child.tag != f"{SVG}defs"]
    if len(drawn) == 1 and parent.tag == f"{SVG}g" and not parent.attrib.keys() & {"clip-path", "transform"} \
            and (clip := _clip(drawn[0])):
        parent.set("clip-path", clip)
        del drawn[0].attrib["clip-path"]


def _clip(element: ET.Element) -> str | None:
    """What cuts the element, unless its own coordinates move that."""
    return None if moves_its_clip(element) else element.get("clip-path")


def _drawn(svg: str, ground: str) -> bytes:
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(svg_string=svg, background=ground, dpi=DPI, font_files=list(_fonts()),
                                       skip_system_fonts=True, font_family=FONT, sans_serif_family=FONT))


def drawn_with() -> str:
    """The versions, which belong to the key of whatever holds a picture."""
    return " ".join(map(metadata.version, PACKAGES))


@functools.lru_cache(maxsize=1)
def _fonts() -> tuple[str, ...]:
    """The font's files in matplotlib, found without loading it."""
    folder = Path(str(metadata.distribution("matplotlib").locate_file("matplotlib/mpl-data/fonts/ttf")))
    # STIX has the script letters that DejaVu lacks.
    return tuple(str(file) for name in ("DejaVuSans*.", "STIXGeneral.") for file in sorted(folder.glob(f"{name}ttf")))
