r"""The notebooks of the built site: valid, plain, linked, equal in both languages, in agreement with their pages.

A check takes a notebook and gives its faults as text. Each is run over every exported notebook, and over a copy of one
in which one fault is planted.
"""

from __future__ import annotations

import copy
import functools
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urldefrag

import nbformat
import node
import pytest
import yaml
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt

from book_engine.book.nav import chapters, labs

ROOT = Path(__file__).resolve().parents[2]
CONFIG = yaml.load((ROOT / "mkdocs.yml").read_text("utf-8"), yaml.BaseLoader)
CHAPTERS, LABS, BASE = chapters(CONFIG["nav"]), labs(CONFIG["nav"]), CONFIG["site_url"]
PAGES = [*CHAPTERS, *LABS]
LANGUAGES = ("zh", "en")
EXPORTED = [(language, chapter) for language in LANGUAGES for chapter in PAGES]
GFM = MarkdownIt("commonmark", {"html": True}).enable("table")  # what Jupyter and Colab both read
FORMULA = "@@0@@"
MATH = re.compile(r"\$\$.+?\$\$|\$(?!\s)(?:\\.|[^\\$])+?(?<!\s)\$", re.DOTALL)


@dataclass
class Notebook:
    node: nbformat.NotebookNode
    site: Path
    language: str
    chapter: str

    @property
    def prose(self) -> list[tuple[str, str]]:
        """Id and source of each Markdown cell."""
        return [(cell.id, cell.source) for cell in self.node.cells if cell.cell_type == "markdown"]

    @property
    def code(self) -> list[nbformat.NotebookNode]:
        return [cell for cell in self.node.cells if cell.cell_type == "code"]

    @functools.cached_property
    def page(self) -> BeautifulSoup:
        return page_soup(self.site / self.language / self.chapter / "index.html")


@functools.cache
def page_soup(file: Path) -> BeautifulSoup:
    return BeautifulSoup(file.read_text("utf-8"), "html.parser")


def html_of(source: str) -> BeautifulSoup:
    """A Markdown cell as Jupyter shows it. Like Jupyter, it puts marks for formulas before it reads Markdown."""
    return BeautifulSoup(GFM.render(MATH.sub(FORMULA, source)), "html.parser")


# Checks ---------------------------------------------------------------------------------------------------------

def validity(notebook: Notebook) -> Iterator[str]:
    try:
        nbformat.validate(notebook.node)
    except (nbformat.ValidationError, Warning) as error:  # a warning of what it would have mended by itself
        yield f"not valid: {error}"
    ids = [cell.id for cell in notebook.node.cells]
    if len(set(ids)) < len(ids):
        yield f"ids that stand twice: {sorted({name for name in ids if ids.count(name) > 1})}"
    if [cell.execution_count for cell in notebook.code] != list(range(1, len(notebook.code) + 1)):
        yield "cells are not counted from 1"


MARKS = re.compile(r"/{3}|:{3}|\{#|\{:|\{ ?\.|\{python\}|--8<--|\\(?:label|eqref|ref)\b|\[@|\.md\b|class=|~~~")
SHOWN = re.compile(r"\*\*|(?<=[^\w\s])\*|\*(?=[^\w\s])|[\u4e00-\u9fff]\*|\*[\u4e00-\u9fff]"
                   r"|`|\]\(|^#|\|\s*:?-{3}|&lt;|\$|[\ue000-\uf8ff]", re.MULTILINE)
TAGS = {"p", "h1", "h2", "h3", "h4", "strong", "em", "b", "code", "pre", "a", "ul", "ol", "li", "blockquote", "details",
        "summary", "table", "thead", "tbody", "tr", "th", "td", "br"}


def site_only_syntax(notebook: Notebook) -> Iterator[str]:
    """Nothing of what only the site reads, neither in the source nor in what is shown of it."""
    for name, source in notebook.prose:
        if match := MARKS.search(source):
            yield f"{name}: {match[0]!r} in {source[max(0, match.start() - 40):match.end() + 40]!r}"
        shown = html_of(source)
        for tag in {element.name for element in shown.find_all()} - TAGS:
            yield f"{name}: <{tag}>"
        for code in shown.find_all(["code", "pre"]):
            code.clear()
        if match := SHOWN.search(shown.get_text()):
            text = shown.get_text()
            yield f"{name}: shows {match[0]!r} in {text[max(0, match.start() - 40):match.end() + 40]!r}"


def links(notebook: Notebook) -> Iterator[str]:
    """Links are absolute; those into the book lead to a page and a place on it."""
    for name, source in notebook.prose:
        for address in (link["href"] for link in html_of(source).find_all("a")):
            if not address.startswith(("https://", "http://")):
                yield f"{name}: {address!r} is not absolute"
            elif address.startswith(BASE):
                path, fragment = urldefrag(address.removeprefix(BASE))
                file = notebook.site / path / "index.html"
                if not file.is_file():
                    yield f"{name}: {address!r} leads to no page"
                elif fragment and page_soup(file).find(id=fragment) is None:
                    yield f"{name}: {address!r} leads to no place on its page"
    if not any(f"({BASE}{notebook.language}/{notebook.chapter}/)" in source for _, source in notebook.prose):
        yield "no link to its own page"


def equations(notebook: Notebook) -> Iterator[str]:
    """Formulas bear the numbers of the page, in its order."""
    found = re.findall(r"\\tag\{([^}]*)\}", "\n".join(source for _, source in notebook.prose))
    on_page = [number.get_text().strip("() ") for number in notebook.page.select(".equation-number")]
    if found != on_page:
        yield f"equations {found}, on the page {on_page}"


def captions(notebook: Notebook) -> Iterator[str]:
    """Figures bear the numbers of the page, in its order."""
    form = CONFIG["extra"]["languages"][notebook.language]["figure_prefix"]
    found = re.findall(rf"^\*{{1,2}}({re.escape(form).replace(re.escape('{}'), '[0-9]+')})",
                       "\n".join(source for _, source in notebook.prose), re.MULTILINE)
    on_page = [prefix.get_text(strip=True) for prefix in notebook.page.select(".caption-prefix")]
    if [caption.rstrip(".") for caption in on_page] != found:
        yield f"figures {found}, on the page {on_page}"


def headings(notebook: Notebook) -> Iterator[str]:
    found = [(heading.name, squeezed(heading.get_text())) for _, source in notebook.prose
             for heading in html_of(source).find_all(["h1", "h2", "h3"])]
    on_page = []
    for heading in copy.copy(notebook.page).select("article :is(h1, h2, h3)"):
        for formula in heading.select("math"):
            formula.replace_with(FORMULA)
        for link in heading.select(".headerlink, .chapter-number"):
            link.decompose()
        on_page.append((heading.name, squeezed(heading.get_text())))
    if found != on_page:
        yield f"headings differ: {[pair for pair in zip(found, on_page) if pair[0] != pair[1]][:2]}"


def squeezed(text: str) -> str:
    return " ".join(text.split())


def figures(notebook: Notebook) -> Iterator[str]:
    """Every figure of the page is there as a picture, described as on the page; nothing else is."""
    found = [output.metadata["image/png"]["alt"] for cell in notebook.code for output in cell.outputs
             if "image/png" in output.get("data", {})]
    on_page = [figure["aria-label"] for figure in notebook.page.select(".cell-figure")]
    if found != on_page:
        yield f"figures {found}, on the page {on_page}"
    for cell in notebook.code:
        if any("svg" in kind or "html" in kind for output in cell.outputs for kind in output.get("data", {})):
            yield f"{cell.id}: an output that JupyterLab does not show before the notebook is trusted"


def values(notebook: Notebook) -> Iterator[str]:
    """Each number that code wrote into the page's prose is in the notebook's."""
    prose = squeezed(" ".join(html_of(source).get_text() for _, source in notebook.prose))
    for value in notebook.page.select("article span.value"):
        if squeezed(value.get_text()) not in prose:
            yield f"the value {value.get_text()!r} is missing"


def folds(notebook: Notebook) -> Iterator[str]:
    """Code that the page folds is folded, and nothing else but the style of the figures is."""
    on_page = [bool(cell.find_parent("details") or cell.select_one("details.cell-folded"))
               for cell in notebook.page.select("article .cell")]
    found = [bool(cell.metadata.get("jupyter", {}).get("source_hidden")) for cell in notebook.code]
    if found != [True, *on_page]:
        yield f"folded {found}, on the page {on_page}"


CHECKS = [validity, site_only_syntax, links, equations, captions, headings, figures, values, folds]


@pytest.fixture(scope="module")
def load(built_site) -> Callable[[str, str], Notebook]:
    def load(language: str, chapter: str) -> Notebook:
        file = built_site / language / "notebooks" / f"{chapter}.ipynb"
        return Notebook(nbformat.read(file, as_version=4), built_site, language, chapter)

    return load


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("language", "chapter"), EXPORTED)
def test_notebook(check, language, chapter, load):
    assert list(check(load(language, chapter))) == []


@pytest.mark.parametrize("tool", ["katex", "mathjax"])
def test_jupyter_and_colab_set_every_formula(tool, load):
    texts = [source for page in EXPORTED for _, source in load(*page).prose]
    found = {(formula.strip("$"), formula.startswith("$$"))
             for text in texts for formula in MATH.findall(re.sub(r"(`+)(?!`).+?\1(?!`)", "", text, flags=re.DOTALL))}
    formulas = sorted((re.sub(r"^> ?", "", latex, flags=re.MULTILINE), display) for latex, display in found)
    assert len(formulas) > 300
    assert [(latex, said) for (latex, _), said in zip(formulas, node.set_by(tool, formulas))
            if said.startswith("ERROR")] == []


def edit(old: str, new: str) -> Callable[[Notebook], None]:
    """Changes the first Markdown cell that holds `old`."""
    def edit(notebook: Notebook) -> None:
        cell = next(cell for cell in notebook.node.cells if cell.cell_type == "markdown" and old in cell.source)
        cell.source = cell.source.replace(old, new, 1)

    return edit


@pytest.mark.parametrize(("check", "spoil"), [
    (validity, lambda notebook: notebook.node.cells[2].update(id="loss")),
    (validity, lambda notebook: notebook.node.cells[3].update(id="not valid")),
    (validity, lambda notebook: notebook.code[3].update(execution_count=9)),
    (site_only_syntax, edit("\n\n", "\n\n/// note\n\n")),
    (site_only_syntax, edit("## ", "## A {#a} ")),
    (site_only_syntax, edit("(4.4)", r"\eqref{mean-penalty}")),
    (site_only_syntax, edit(r"\tag{4.1}", r"\label{loss-model}")),
    (site_only_syntax, edit("weight", '<span class="value">weight</span>')),
    (site_only_syntax, edit("**weight**", "**weight.**s")),
    (site_only_syntax, edit("**weight**", "`{python} w`")),
    (site_only_syntax, edit("**weight**", "[weight](loss.md)")),
    (site_only_syntax, edit("**weight**", "[@huber1964]")),
    (site_only_syntax, edit("**weight**", "::: rebuilds")),
    (links, edit(f"{BASE}en/derivatives/", "derivatives/")),
    (links, edit(f"{BASE}en/derivatives/", f"{BASE}en/derivative/")),
    (links, edit("#graph", "#no-graph")),
    (links, edit(f"({BASE}en/loss/)", "")),
    (equations, edit(r"\tag{4.1}", r"\tag{4.9}")),
    (equations, edit(r"\tag{4.1}", "")),
    (captions, edit("*Figure 2", "*Figure 3")),
    (headings, edit("## Summary", "### Summary")),
    (headings, edit("## Summary", "## In short")),
    (figures, lambda notebook: notebook.code[3].update(outputs=[])),
    (values, edit("by 8810", "by 8811")),
    (folds, lambda notebook: notebook.code[2]["metadata"].clear()),
    (folds, lambda notebook: notebook.code[1]["metadata"].update(jupyter={"source_hidden": True})),
])
def test_a_planted_fault_is_found(check, spoil, load):
    notebook = load("en", "loss")
    assert list(check(notebook)) == []
    spoil(notebook)
    assert list(check(notebook)) != []


@pytest.mark.parametrize("chapter", PAGES)
def test_languages_agree(chapter, load):
    """The same cells with the same ids in the same order; the same code and outputs, descriptions aside."""
    zh, en = (load(language, chapter) for language in LANGUAGES)
    for one, other in zip(zh.node.cells, en.node.cells, strict=True):
        assert (one.id, one.cell_type) == (other.id, other.cell_type)
    for one, other in zip(zh.code, en.code, strict=True):
        assert (one.source, one.metadata) == (other.source, other.metadata)
        for output, twin in zip(one.outputs, other.outputs, strict=True):
            if output.output_type == "display_data":
                assert output.data["image/png"] == twin.data["image/png"]
            else:
                assert output == twin


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_written(language, built_site):
    folder = built_site / language / "notebooks"
    archive_name = f"all-chapters-{language}.zip"
    files = {file.relative_to(folder).as_posix() for file in folder.rglob("*.*")}
    assert files == {*(f"{page}.ipynb" for page in PAGES), archive_name}
    with zipfile.ZipFile(folder / archive_name) as archive:
        numbered = [f"{language}/{n:02}-{chapter}.ipynb" for n, chapter in enumerate(CHAPTERS, 1)]
        assert archive.namelist() == [*numbered, *(f"{language}/{lab}.ipynb" for lab in LABS)]
        for chapter, name in zip(PAGES, archive.namelist()):
            assert archive.read(name) == (folder / f"{chapter}.ipynb").read_bytes()


@pytest.mark.parametrize(("language", "chapter"), EXPORTED)
def test_file_is_as_jupyter_writes_it(language, chapter, built_site):
    """UTF-8, sorted keys, one end of line: saving it unchanged in Jupyter changes nothing."""
    data = (built_site / language / "notebooks" / f"{chapter}.ipynb").read_bytes()
    buffer = io.StringIO()
    nbformat.write(nbformat.reads(data.decode("utf-8"), as_version=4), buffer)
    same = buffer.getvalue().encode() == data
    assert same, "nbformat writes it otherwise"  # a picture of the difference would take minutes
    assert len(data) < 600_000, "a reader downloads it whole"


@pytest.mark.parametrize(("language", "chapter"), EXPORTED)
def test_page_offers_its_notebook(language, chapter, built_site):
    link, = page_soup(built_site / language / chapter / "index.html").select("a.book-notebook")
    up = "../" * (chapter.count("/") + 1)
    assert link["href"] == f"{up}notebooks/{chapter}.ipynb" and link.has_attr("download")
    assert link.get_text(strip=True) and ".ipynb" in link["title"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_chapters_and_labs_offer_a_notebook_and_the_home_page_offers_all(language, built_site):
    home = page_soup(built_site / language / "index.html")
    link, = home.select(f'a[href="notebooks/all-chapters-{language}.zip"]')
    assert link.has_attr("download")
    assert home.select("a.book-notebook") == []
    offering = {file.parent.relative_to(built_site / language).as_posix()
                for file in (built_site / language).rglob("index.html") if page_soup(file).select("a.book-notebook")}
    assert offering == set(PAGES)
