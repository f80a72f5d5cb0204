"""hooks/page_memory.py: under `mkdocs serve` pages come from memory, and are what they would be without it."""

from __future__ import annotations

import re
from types import SimpleNamespace

from mkdocs.structure.files import File, Files
from small_data import add_reference
from test_build import Server

from hooks.page_memory import PageMemory, put_into


def page(**attributes: object) -> SimpleNamespace:
    return SimpleNamespace(**{"toc": "toc", "title": "Loss", "present_anchor_ids": {"a"}, "links_to_anchors": None}
                           | attributes)


def test_a_page_is_recalled_while_nothing_it_depends_on_has_changed() -> None:
    memory = PageMemory()
    memory.begin(["labels"])
    rendered = memory.keep("en/loss.md", ("text", 1), page(), "<p>")
    assert not memory.recall("en/loss.md", ("text", 1)), "the search has not seen it yet"
    rendered.entries = [{"location": "loss/"}]
    memory.begin(["labels"])
    assert memory.recall("en/loss.md", ("text", 1)) is rendered
    assert not memory.recall("en/loss.md", ("text", 2)) and not memory.recall("zh/loss.md", ("text", 1))
    memory.begin(["other labels"])
    assert not memory.recall("en/loss.md", ("text", 1))


def test_links_lead_to_the_files_of_the_new_build() -> None:
    old, new, gone = (File(path, "", "", True) for path in ("loss.md", "loss.md", "gone.md"))
    links = {old: {"a": "loss.md#a"}, gone: {"b": "gone.md#b"}}
    rendered = PageMemory().keep("p", "", page(links_to_anchors=links), "")
    files = Files([new])
    fresh = page(toc=None, title=None, present_anchor_ids=set())
    put_into(fresh, rendered, files)
    assert fresh == page(links_to_anchors={new: {"a": "loss.md#a"}}) and next(iter(fresh.links_to_anchors)) is new


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
    paths = [page.replace("index/", "") for page in pages] + [f"{language}/search/search_index.json" for language in
                                                              ("zh", "en")]
    return {path: re.sub(r"livereload\(\d+, \d+\)", "", server.fetch(f"/{path}")).replace(server.address, "")
            for path in paths}
