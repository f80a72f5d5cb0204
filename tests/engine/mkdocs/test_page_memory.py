"""engine/mkdocs/page_memory.py: under `mkdocs serve` pages come from memory, and are what they would be without it."""

from __future__ import annotations

import re
from types import SimpleNamespace

from mkdocs.structure.files import File, Files
from serving import Server
from small_data import add_reference

from book_engine.mkdocs.page_memory import ATTRIBUTES, PageMemory

PATH = "docs/en/loss.md"
ENTRY = {"location": "loss/"}


def page(**attributes: object) -> SimpleNamespace:
    return SimpleNamespace(**dict.fromkeys(ATTRIBUTES, "rendered") | {"links_to_anchors": None} | attributes)


def build(memory: PageMemory, key: object, common: object = "labels", finished: bool = True) -> str | None:
    """A build of one page; the HTML that came from memory, if it did."""
    memory.begin([common])
    found = memory.recalls(PATH, key)
    html = memory.content(PATH, page(), "" if found else f"<p>{key}", Files([]))
    if finished:
        memory.search(PATH, [], 0)
    return html if found else None


def test_a_page_is_recalled_while_nothing_it_depends_on_has_changed() -> None:
    memory = PageMemory()
    assert build(memory, "one") is None
    assert build(memory, "one") == "<p>one" == build(memory, "one")
    assert build(memory, "two") is None and build(memory, "two") == "<p>two"
    assert build(memory, "two", common="others") is None and build(memory, "two", common="others") == "<p>two"


def test_after_a_build_that_ended_early() -> None:
    memory = PageMemory()
    build(memory, "one", finished=False)
    assert build(memory, "one") is None, "the search had not seen it"


def test_the_page_and_the_search_have_what_they_had() -> None:
    old, new, gone = (File(path, "", "", True) for path in ("loss.md", "loss.md", "gone.md"))
    memory = PageMemory()
    memory.begin([])
    memory.recalls(PATH, "one")
    memory.content(PATH, page(links_to_anchors={old: {"a": "loss.md#a"}, gone: {"b": "gone.md#b"}}), "<p>", Files([]))
    memory.search(PATH, [{}, ENTRY], 1)

    memory.begin([])
    assert memory.recalls(PATH, "one")
    fresh, entries = page(**dict.fromkeys(ATTRIBUTES)), [{}]
    assert memory.content(PATH, fresh, "", Files([new])) == "<p>"
    assert fresh == page(links_to_anchors={new: {"a": "loss.md#a"}}) and next(iter(fresh.links_to_anchors)) is new
    memory.search(PATH, entries, 1)
    assert entries == [{}, ENTRY]


def test_after_edits_all_is_as_a_new_server_has_it(small_site, processes) -> None:
    add_reference(small_site)
    server = Server(small_site, processes)
    server.edited("docs/zh/loss.md", "# ", "# 新的")  # a title: it stands in the menu of every page
    server.edited("docs/en/loss.md", "See ", "One line more.\n\nSee now ")
    server.edited("snippets/loss.py", "drawn", "painted")
    server.edited("docs/data/glossary.toml", "\n\n", "\n# a remark\n\n")
    server.edited("docs/en/loss.md", "See now ", "Look at ")
    kept = everything(server)
    assert "Look at" in kept["en/loss/"] and "painted" in kept["zh/loss/"] and "新的" in kept["zh/gradient-descent/"]
    assert kept == everything(Server(small_site, processes))


def everything(server: Server) -> dict[str, str]:
    """Each page and each search index, without the numbers that MkDocs gives its builds."""
    root = server.site.root / "docs"
    pages = [file.relative_to(root).with_suffix("").as_posix() + "/" for file in root.glob("*/*.md")]
    paths = [page.replace("index/", "") for page in pages] + [f"{language}/search/sections.json" for language in
                                                              ("zh", "en")]
    return {path: re.sub(r"livereload\(\d+, \d+\)", "", server.fetch(f"/{path}")).replace(server.address, "")
            for path in paths}
