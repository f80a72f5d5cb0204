"""Labs go through mkdocs-jupyter: it reads the notebook, executes it (`lab_notebook`) and writes it, by our template,
as Markdown.

MkDocs then sets that Markdown like any page, so a lab has the book's headings, formulas, folds and search, and none of
mkdocs-jupyter's 575 KB of style. What it wrote is kept by content. It is loaded only when something is missing: that
alone takes two seconds. So it is no entry under `plugins:`; its options stand in mkdocs.yml, extra.mkdocs-jupyter.
"""

from __future__ import annotations

import html
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from ..run.cache import Cache, digest, engine_digest
from ..run.results import Result
from ..source.errors import BookError
from ..source.page import Page

JUPYTER = Path(__file__).parent / "jupyter"
PACKAGES = ("mkdocs-jupyter", "nbconvert", "nbformat", "jupytext", "pygments")


@dataclass(frozen=True)
class Lab:
    """A lab that has run: its source as it stands in the file, read, and what its run gave."""

    source: str
    page: Page
    result: Result

    def key(self, options: Mapping) -> str:
        values = sorted([*item, text] for item, text in self.result.values.items())
        return digest({"source": self.source, "blocks": self.result.blocks, "values": values, "options": dict(options),
                       "path": self.page.path, "engine": engine_digest(),
                       "versions": [metadata.version(name) for name in PACKAGES]})


def lab_markdown(lab: Lab, page, config, files, cache: Cache) -> str:
    """The Markdown of a lab with its outputs in place; `page`, `config` and `files` are MkDocs'."""
    options = config.extra["mkdocs-jupyter"]
    key = lab.key(options)
    text = cache.get(key)
    if not isinstance(text, str):
        text = _converted(lab, page, config, files, options)
        cache.put(key, text)
    return text


def _converted(lab: Lab, page, config, files, options: Mapping) -> str:
    os.environ["JUPYTER_CONFIG_DIR"] = str(JUPYTER)  # this process builds one language and nothing else
    from mkdocs_jupyter.config import settings
    from mkdocs_jupyter.plugin import Plugin
    from nbconvert.exporters.templateexporter import default_filters

    from .lab_notebook import LAB, book_cell

    settings.templates_dir = str(JUPYTER / "templates")
    default_filters["book_cell"] = book_cell
    plugin = Plugin()
    errors, _ = plugin.load_config(dict(options), config.config_file_path)
    if errors:
        raise BookError(f"extra.mkdocs-jupyter: {errors[0][0]}: {errors[0][1]}", path="mkdocs.yml")
    token = LAB.set((lab.page, lab.result))
    try:
        plugin.on_pre_page(page, config=config, files=files)  # gives the page mkdocs-jupyter's render
        if "render" not in vars(page):
            raise BookError("mkdocs-jupyter does not take this page for a notebook; its front matter must name a "
                            "Python kernel (jupyter: kernelspec:) and, where a line starts with :::, "
                            "jupytext's own format",
                            path=lab.page.path, line=1)
        page.render(config, files)
        return html.unescape(page.content)
    finally:
        LAB.reset(token)
        vars(page).pop("render", None)
