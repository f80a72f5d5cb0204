"""A figure as a picture. A notebook that was downloaded is not trusted, and JupyterLab then shows no SVG."""

from __future__ import annotations

import base64
import functools
import re
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

PACKAGE = "resvg-py"  # draws SVG
SCALE = 1.5  # pixels of the picture to one of the page
_SIZE = re.compile(r'<svg\b[^>]*?\bwidth="([\d.]+)pt" height="([\d.]+)pt"')


@dataclass(frozen=True)
class Picture:
    png: str  # base64
    width: int  # on the page
    height: int


@functools.lru_cache(maxsize=256)
def picture_of(svg: str) -> Picture:
    """The figure on white, as matplotlib's own font draws it. Twins have the same figures."""
    import resvg_py

    size = _SIZE.search(svg)
    width, height = (float(points) * 4 / 3 for points in size.groups())
    png = resvg_py.svg_to_bytes(svg_string=svg, background="white", zoom=SCALE, dpi=96, font_files=list(_fonts()),
                                skip_system_fonts=True, font_family="DejaVu Sans", sans_serif_family="DejaVu Sans")
    return Picture(base64.b64encode(png).decode("ascii"), round(width), round(height))


def drawn_with() -> str:
    """The version, which belongs to the key of whatever holds a picture."""
    return metadata.version(PACKAGE)


@functools.lru_cache(maxsize=1)
def _fonts() -> tuple[str, ...]:
    """The files of DejaVu that come with matplotlib, found without loading it."""
    package = Path(util.find_spec("matplotlib").submodule_search_locations[0])
    return tuple(str(file) for file in sorted((package / "mpl-data" / "fonts" / "ttf").glob("DejaVuSans*.ttf")))
