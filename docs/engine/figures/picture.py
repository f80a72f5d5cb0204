"""A figure as a picture. A notebook that was downloaded is not trusted, and JupyterLab then shows no SVG."""

from __future__ import annotations

import base64
import functools
from importlib import metadata
from pathlib import Path

PACKAGE = "resvg-py"  # draws SVG
FONT = "DejaVu Sans"  # of figures.mplstyle; it comes with matplotlib
DPI = 96  # a picture is as large as the figure on the page


@functools.lru_cache(maxsize=256)
def png_of(svg: str) -> str:
    """The figure as PNG in base64, on white, since it must read in light and in dark. Twins have the same figures."""
    import resvg_py

    png = resvg_py.svg_to_bytes(svg_string=svg, background="white", dpi=DPI, font_files=list(_fonts()),
                                skip_system_fonts=True, font_family=FONT, sans_serif_family=FONT)
    return base64.b64encode(png).decode("ascii")


def drawn_with() -> str:
    """The version, which belongs to the key of whatever holds a picture."""
    return metadata.version(PACKAGE)


@functools.lru_cache(maxsize=1)
def _fonts() -> tuple[str, ...]:
    """The font's files in matplotlib, found without loading it."""
    folder = Path(str(metadata.distribution("matplotlib").locate_file("matplotlib/mpl-data/fonts/ttf")))
    # STIX has the script letters that DejaVu lacks.
    return tuple(str(file) for name in ("DejaVuSans*.", "STIXGeneral.") for file in sorted(folder.glob(f"{name}ttf")))
