"""Runs a page's blocks in the reader's browser, where Pyodide imports this module from `assets/engine.zip`.

What a block prints, gives and draws comes out as in the build. What the build refuses does not stop a reader who tries
something: a warning is shown and the block goes on.
"""

from __future__ import annotations

import json
import sys
import traceback
import warnings
from importlib.machinery import PathFinder
from importlib.util import find_spec

from ..figures.svg import clean_svg
from ..run.capture import Streams
from ..run.drawing import close_figures, set_style, take_figures
from ..run.session import Session, error_line

NAME = "<block {}>"  # a block's file in tracebacks, counted from 0


class PageSession(Session):
    """One page's namespace. `style` is the file of the figures' style."""

    def __init__(self, style: str) -> None:
        super().__init__("default")
        self.style: str | None = style
        warnings.formatwarning = lambda message, category, file, line, text=None: (
            f"{f'line {line}: ' if file.startswith('<block') else ''}{category.__name__}: {message}\n")

    def run(self, number: int, code: str) -> str:
        """JSON: {"stdout", "stderr", "value", "error", "at", "figures"}; `at` is where the error came up, as the number
        of the block and the line in it."""
        self._set_style()
        _prefer_whole_package()
        vars(self.module).pop("__warningregistry__", None)  # each run shows its warnings, each line its own once
        value = error = at = None
        figures: list[str] = []
        with Streams() as streams:
            try:
                value = self.execute(code, NAME.format(number), 1)
                figures = [clean_svg(svg, f"r{number}f{index}-") for index, svg in enumerate(take_figures(), 1)]
            except BaseException as exception:  # noqa: BLE001 - SystemExit of a block is shown too
                close_figures()
                error, at = error_line(exception), _place(exception)
        return json.dumps({"stdout": streams.out.getvalue(), "stderr": streams.err.getvalue(), "value": value,
                           "error": error, "at": at, "figures": figures})

    def _set_style(self) -> None:
        """Before the first block that can draw: matplotlib comes only to a page that imports it."""
        if self.style and find_spec("matplotlib"):
            set_style(self.style)
            self.style = None


def _prefer_whole_package() -> None:
    """What `digits.py` stands for may have come since, when a block imports more of scikit-learn."""
    taken = sys.modules.get("sklearn")
    if taken and taken.__file__ is None and (whole := PathFinder.find_spec("sklearn")) and whole.origin:
        for name in [name for name in sys.modules if name.partition(".")[0] == "sklearn"]:
            del sys.modules[name]


def _place(exception: BaseException) -> tuple[int, int] | None:
    """The innermost line of a block that the exception came through."""
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(exception.__traceback__)]
    if isinstance(exception, SyntaxError):
        places.append((exception.filename or "", exception.lineno))
    places = [(name, line) for name, line in places if name.startswith("<block ") and line]
    return (int(places[-1][0].strip("<block >")), places[-1][1]) if places else None
