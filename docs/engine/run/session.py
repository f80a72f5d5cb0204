"""Runs the steps of one chapter, top to bottom, in one namespace: what a notebook's kernel does.

This is the side that runs in the chapter's own process; it knows no pages, no cache and no HTML.
"""

from __future__ import annotations

import ast
import io
import linecache
import re
import sys
import time
import tokenize
import traceback
import types
import warnings
from collections.abc import Callable
from typing import Literal

from .capture import Refused, Streams, remedy, unfit
from .drawing import close_figures, take_figures
from .output import Output, Shown, StepFailed
from .states import Limits, axes_limits, run_states

FILENAME = "snippets/"  # every block is compiled under its own file's name
MESSAGE_LIMIT = 2000  # characters of an exception's message that a reader of the terminal is shown
ARTISTS = ("Text(", "<Axes", "<Figure")  # how matplotlib's objects are printed
# Warnings that change nothing of what a block gives; all others are errors.
HARMLESS = ("The figure layout has changed to tight",  # the book's style has another layout
            "Loky-backed parallel loops cannot be called in a multiprocessing")  # n_jobs: it runs with one


class Session:
    """One chapter's namespace. A warning is an error from the first line on, or what else `warning` says."""

    def __init__(self, warning: Literal["error", "default"] = "error") -> None:
        self.module = types.ModuleType("__main__")
        sys.modules["__main__"] = self.module
        warnings.resetwarnings()
        warnings.simplefilter(warning)
        for message in HARMLESS:
            warnings.filterwarnings("ignore", re.escape(message))

    def run_step(self, step: dict) -> Output | str:
        """What a step gives: a block's output, the text of an expression's value."""
        if step["kind"] == "value":
            return self.evaluate(step["code"])
        begin = time.process_time()  # of the processor: a busy machine makes no chapter slower
        states = self.run_moving(step) if "states" in step else []
        shown = states[step["still"]] if states else self.run_block(
            step["code"], step["file"], step["first_line"], step["raises"])
        return Output(**vars(shown), states=states, seconds=round(time.process_time() - begin, 4))

    def run_block(self, code: str, file: str, first_line: int, raises: str | None,
                  look: Callable[[], None] = lambda: None) -> Shown:
        """Runs one section; raises StepFailed. `look` is called before the figures are closed."""
        name = FILENAME + file
        error, text, figures = None, None, []
        with Streams() as streams:
            try:
                text = self.execute(code, name, first_line)
                look()
                figures = take_figures()
            except BaseException as exception:  # noqa: BLE001 - SystemExit and KeyboardInterrupt of a block are faults too
                close_figures()
                if raises is None or isinstance(exception, Refused) or not _is_named(exception, raises):
                    raise _failure(exception, raises, name) from exception
                error = error_line(exception)
        if raises is not None and error is None:
            raise StepFailed(f"ran to its end; expected it to raise {raises}")
        if text and figures and text.lstrip("[(").startswith(ARTISTS):
            raise StepFailed(f"the last line gives {text[:40]}…, which the page would print; assign it: _ = …")
        stdout = streams.out.getvalue()
        if problem := streams.complaint() or unfit(stdout + (text or "") + (error or "")):
            raise StepFailed(problem)
        return Shown(stdout, text, error, figures)

    def run_moving(self, step: dict) -> list[Shown]:
        """Runs a section once for each of its states, as `run_block` does."""

        def run(state: int) -> tuple[Shown, Limits]:
            limits: Limits = []
            code = step["states"][state]
            return self.run_block(code, step["file"], step["first_line"], None,
                                  lambda: limits.extend(axes_limits())), limits

        return run_states(vars(self.module), len(step["states"]), step["still"], run)

    def evaluate(self, code: str) -> str:
        """The value of an inline expression, as text. Names that it binds are gone afterwards."""
        with Streams() as streams:
            try:
                text = str(eval(compile(code, "<inline expression>", "eval"), dict(vars(self.module))))
            except BaseException as exception:  # noqa: BLE001 - as above
                raise _failure(exception, None, "<inline expression>") from exception
        if streams.out.getvalue():
            raise StepFailed("an inline expression gives a value, it does not print")
        if problem := streams.complaint() or unfit(text):
            raise StepFailed(problem)
        return text

    def execute(self, code: str, name: str, first_line: int) -> str | None:
        """Runs a section, known as `name`; gives what its last expression shows."""
        _remember_source(name, code, first_line)
        try:
            tree = ast.parse(code, name)
        except SyntaxError as error:
            error.lineno = (error.lineno or 1) + first_line - 1
            raise
        ast.increment_lineno(tree, first_line - 1)
        last = tree.body[-1] if tree.body else None
        value = last.value if isinstance(last, ast.Expr) and not _silenced(code) else None
        if value is not None:
            tree.body.pop()
        namespace = vars(self.module)
        # optimize=0: a chapter's assertions hold under `python -O` too.
        exec(compile(tree, name, "exec", dont_inherit=True, optimize=0), namespace)
        if value is None:
            return None
        given = eval(compile(ast.Expression(value), name, "eval", dont_inherit=True, optimize=0), namespace)
        return None if given is None else repr(given)


def error_line(exception: BaseException) -> str:
    """The last line of the exception's traceback, notes aside: `TypeError: unsupported operand …`."""
    said = traceback.TracebackException(type(exception), exception, None)
    said.__notes__ = None
    return list(said.format_exception_only())[-1].strip()


def _silenced(code: str) -> bool:
    """Whether the last statement ends with ';', which hides its value, as in a notebook."""
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    quiet = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.DEDENT, tokenize.ENDMARKER)
    return [token.string for token in tokens if token.type not in quiet][-1:] == [";"]


def _is_named(exception: BaseException, name: str) -> bool:
    return any(cls.__name__ == name for cls in type(exception).__mro__)


def _failure(exception: BaseException, raises: str | None, name: str) -> StepFailed:
    message = str(exception) if isinstance(exception, Refused) else error_line(exception)[:MESSAGE_LIMIT]
    message += remedy(message)
    if raises is not None:
        message += f"; expected it to raise {raises}"
    if isinstance(exception, SyntaxError) and exception.filename == name:
        return StepFailed(message, f"{name}:{exception.lineno}")
    frames = [frame for frame in traceback.extract_tb(exception.__traceback__) if frame.filename.startswith(FILENAME)]
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else None
    return StepFailed(message, place)


def _remember_source(name: str, code: str, first_line: int) -> None:
    """Lets tracebacks show the section's lines although the file is named relative to the book."""
    known = linecache.getlines(name)
    lines = known + ["\n"] * (first_line - 1 + code.count("\n") - len(known))
    lines[first_line - 1 : first_line - 1 + code.count("\n")] = code.splitlines(keepends=True)
    linecache.cache[name] = (len(lines), None, lines, name)
