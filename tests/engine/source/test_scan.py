"""What the scanner finds in a page is what the HTML holds: in pages made at random, and in every page of the book.

The HTML is that of Python-Markdown with the extensions of mkdocs.yml. Python fences, in whose place a build puts cells,
stand in it as fences of text.
"""

from __future__ import annotations

import re
from pathlib import Path

import markdown
import pytest
from bs4 import BeautifulSoup
from conftest import markdown_extensions
from hypothesis import given, settings
from hypothesis import strategies as st

from book_engine.source.errors import BookError
from book_engine.source.misread import refuse_misread
from book_engine.source.scan import scan

ROOT = Path(__file__).resolve().parents[3]
NAMES = ("note", "tip", "warning", "question")


def held(source: str) -> dict[str, list]:
    """What the HTML of a page holds, by kind and in order."""
    page = scan(source)
    lines = list(page.lines)
    for fence in reversed(page.fences):
        if "python" in fence.info:
            marks = lines[fence.end - 1]
            lines[fence.line - 1 : fence.end] = ["", f"{marks}text", *fence.body, marks, ""]
    body = "\n".join(lines[page.front_matter :])
    names, configs = markdown_extensions()
    configs = configs | {"pymdownx.blocks.admonition": {"types": list(NAMES)}}
    soup = BeautifulSoup(markdown.markdown(body, extensions=names, extension_configs=configs), "html.parser")
    for link in soup.select("a.headerlink"):
        link.extract()
    found = {
        "formulas": [(one.name == "div", one.get_text()[2:-2].split()) for one in soup.select(".arithmatex")],
        "headings": [(int(one.name[1]), one["id"] if f"#{one['id']}}}" in source else None)
                     for one in soup.find_all(re.compile("^h[1-6]$"))],
        "blocks": [one["class"][-1] if one.name == "div" else "details"
                   for one in soup.select("div.admonition, details")],
        "tables": [(len(one.select("tr")), len(one.select("th"))) for one in soup.select("table")],
        "code": [one.get_text().split() for one in soup.select("code") if not one.find_parent("pre")],
        "fences": [re.sub("(?m)^[ >]+", "", one.get_text()).split() for one in soup.select("div.highlight")],
    }
    for one in soup.select(".arithmatex, code, pre"):
        one.extract()
    found["dollars"] = ["$"] * soup.get_text().count("$")  # a build refuses those that no backslash stood before
    return found


def scanned(source: str) -> dict[str, list]:
    page = scan(source)
    return {
        "formulas": [(one.display, one.latex.split()) for one in page.formulas],
        "headings": [(one.level, one.id) for one in page.headings],
        "blocks": [one.name for one in page.marks if one.name in (*NAMES, "details")],
        "tables": [(one.rows, one.columns) for one in page.tables],
        "code": [one.said.split() for one in page.code],
        "fences": [re.sub("(?m)^[ >]+", "", "\n".join(one.body)).split() for one in page.fences],
    }


PAGES = sorted(file.relative_to(ROOT).as_posix() for language in ("zh", "en")
               for file in (ROOT / "docs" / language).rglob("*.md"))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_the_book(path: str) -> None:
    source = (ROOT / path).read_text("utf-8")
    found, html = scanned(source), held(source)
    assert html.pop("dollars") == []
    assert found == html


# Pages made at random: pieces of sentences, then blocks of lines, some of which hold blocks.

WORDS = st.sampled_from([
    "word", "$x$", "$a<b$,", r"\(y\)", r"\\$z$", r"\$5", "`code`", "``a ` $b$``", "`$c$`", "$d", "e$", "$ f $",
    "$g$$h$", "<!-- $i$ -->", "**bold $j$**", r"$\$ + k$", r"\`", "`", "*", "_", "#", "# $l$", "$$", "$$m$$", r"\[n\]",
    "|", "<b>$o$</b>", "> $p$", "- $q$", ": $r$", "1. $s$", "```", "///", "[t $u$](v.md)", r"\\", "=", "---", "10"])
SENTENCES = st.lists(WORDS, min_size=1, max_size=6).flatmap(lambda words: st.lists(
    st.sampled_from([" ", " ", " ", "", "\n"]), min_size=len(words), max_size=len(words)).map(
        lambda gaps: "".join(map("".join, zip(words, gaps))).strip() or "word"))
LINES = SENTENCES.map(lambda text: " ".join(text.split()))
FORMULAS = st.sampled_from([
    "$$ A $$", "$$\nA\n+ B\n$$", r"\[ C \]", "\\[\nC\n\\]", "\\begin{aligned}\nD &= 1 \\\\\n&= 2\n\\end{aligned}",
    r"$$ E \text{if $x$} $$", "$$F$$\n$$G$$", r"$$ H\$ $$", "$$ I $$ after", "before\n$$ J $$"])


def indented(text: str, first: str = "    ", rest: str = "    ") -> str:
    head, *tail = text.split("\n")
    return "\n".join([first + head, *(rest + line if line.strip() else line for line in tail)])


def pages(blocks: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Some blocks, one below the other, mostly with a blank line between."""
    gaps = st.sampled_from(["\n\n", "\n\n", "\n\n", "\n\n\n", "\n"])
    return st.lists(st.tuples(blocks, gaps), min_size=1, max_size=5).map(
        lambda parts: "".join(map("".join, parts)).strip())


def around(pages: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    items = st.lists(st.one_of(LINES, FORMULAS, st.tuples(LINES, pages).map("\n\n".join)), min_size=1, max_size=3)
    titles = st.sampled_from(["title", "the $t$", "`c`, \\(u\\) | v"])
    return st.one_of(
        items.map(lambda items: "\n".join(indented(item, "-   ") for item in items)),
        items.map(lambda items: "\n\n".join(indented(item, "1.  ") for item in items)),
        st.tuples(LINES, LEAVES).map(lambda parts: f"{parts[0]}\n{indented(parts[1], ':   ')}"),
        # With a blank line below: pymdownx.blocks never ends where a block follows one in a quotation at once.
        pages.map(lambda page: re.sub("^", "> ", page, flags=re.M) + "\n"),
        st.tuples(st.sampled_from(NAMES), titles, pages).map(
            lambda parts: "{0} {1} | {2}\n{3}\n{0}".format(slashes(parts[2]), *parts)),
        pages.map(lambda page: f"{slashes(page)} details\n    type: note\n\n{page}\n\n{slashes(page)}"))


def slashes(page: str) -> str:
    """More than any block inside has."""
    return "/" * (max((len(found) for found in re.findall("/{3,}", page)), default=2) + 1)


LEAVES = st.one_of(
    SENTENCES, SENTENCES, FORMULAS, FORMULAS,
    st.tuples(st.integers(1, 6), LINES).map(lambda parts: f"{'#' * parts[0]} {parts[1]} {{#h{parts[0]}}}"),
    st.tuples(LINES, st.sampled_from("=-")).map(lambda parts: f"{parts[0]}\n{parts[1] * 3}"),
    st.lists(LINES, min_size=1, max_size=3).map(lambda rows: "\n".join(["| a | $b$ |", "|---|:-:|"] + [
        f"| {row} | c |" for row in rows])),
    SENTENCES.map(lambda text: f"~~~text\nfence {text}\n~~~"), SENTENCES.map(lambda text: indented(text)),
    SENTENCES.map(lambda text: f"<!-- {re.sub('--|```', '', text)}\n\n$x$ -->"),
    st.sampled_from(["<div>\n$x$\n</div>", "***", "- - -", "::: rebuilds"]))


@settings(max_examples=250, deadline=None, derandomize=True)
@given(pages(st.recursive(LEAVES, lambda blocks: around(pages(blocks)), max_leaves=6)))
def test_a_page_made_at_random(source: str) -> None:
    try:
        refuse_misread(source, "page.md")
    except BookError:
        return
    if scan(source).faults or (html := held(source)).pop("dollars"):
        return
    found = scanned(source)
    for kinds in (found, html):  # some of the other fences are indented code
        kinds["fences"] = [one for one in kinds["fences"] if one[:1] == ["fence"]]
    assert found == html, source
