"""A figure as a picture. A notebook that was downloaded is not trusted, and JupyterLab then shows no SVG; other sites
show a picture beside a link."""

from __future__ import annotations

import base64
import functools
import io
import xml.etree.ElementTree as ET
from importlib import metadata
from pathlib import Path

PACKAGES = ("resvg-py", "pillow")  # one draws SVG, the other packs
FONT = "DejaVu Sans"  # of figures.mplstyle; it comes with matplotlib
DPI = 96  # a picture is as large as the figure on the page
CARD = """<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630"><rect width="1200" height="630" fill="{}"/>
{}{}</svg>"""
PAPER = "#fdfcf9"  # as in book.css
COLOURS = 96  # of a card: a third of the bytes of all colours, and the eye sees no difference


@functools.lru_cache(maxsize=256)
def png_of(svg: str) -> str:
    """The figure as PNG in base64, on white, since it must read in light and in dark. Twins have the same figures."""
    return base64.b64encode(_drawn(svg, "white")).decode("ascii")


def card_of(svg: str, mark: str) -> bytes:
    """The figure on the book's paper with the book's mark beside it, in the shape that other sites show: PNG."""
    from PIL import Image

    figure = _placed(svg, x="60", y="45", width="960", height="540")
    drawn = _drawn(CARD.format(PAPER, figure, _placed(mark, x="1068", y="513", width="72", height="72")), PAPER)
    packed = io.BytesIO()
    Image.open(io.BytesIO(drawn)).convert("RGB").quantize(COLOURS).save(packed, "PNG")
    return packed.getvalue()


def _placed(svg: str, **place: str) -> str:
    """The SVG as part of another one; it keeps its proportions."""
    root = ET.fromstring(svg)
    root.attrib.update(place)
    return ET.tostring(root, encoding="unicode")


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
