"""What mkdocs-jupyter's `execute: true` starts for a lab: nbconvert's execution, with the book's run behind it.

The cells have run already, in a process of the pool, as the blocks of chapters do: warnings are errors, a failure
names its line, results are kept by content, twins share one run. tests/site/test_kernel.py runs them in a real Jupyter
kernel too, and compares. jupyter/jupyter_nbconvert_config.json stands in the place of the reader's own configuration
and tells nbconvert to use this class.
"""

from __future__ import annotations

from contextvars import ContextVar

from nbconvert.preprocessors import ExecutePreprocessor

from ..run.results import Result, failure_of
from ..source.errors import BookError
from ..source.page import Page
from .lab_notebook import code_cell_html, fill

LAB: ContextVar[tuple[Page, Result]] = ContextVar("LAB")  # the lab that mkdocs-jupyter converts now


class BookExecution(ExecutePreprocessor):
    def preprocess(self, nb, resources=None, km=None):
        page, result = LAB.get()
        if result.failure is not None and not self.allow_errors:
            raise failure_of(page, result) or BookError("the lab failed", path=page.path)
        fill(nb, page, result)
        return nb, resources


def book_cell(cell) -> str:
    """The filter of the template."""
    return code_cell_html(cell, LAB.get()[0])
