"""Own scripts and style sheets without their comments and spaces: the reader's copy, not ours."""

from __future__ import annotations

from pathlib import Path

from rcssmin import cssmin
from rjsmin import jsmin

MINIFIERS = {".js": jsmin, ".css": cssmin}


def minify_assets(folder: Path) -> None:
    """Rewrites every script and style sheet of the folder in place."""
    for file in folder.iterdir():
        if minify := MINIFIERS.get(file.suffix):
            file.write_text(minify(file.read_text("utf-8")), "utf-8", newline="\n")
