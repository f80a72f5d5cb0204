"""engine/mkdocs/page_memory.py: pages come from memory, and are what they would be without it."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from mkdocs.structure.files import File, Files
from mkdocs.structure.toc import get_toc
from serving import Server
from small_data import add_reference

from book_engine.mkdocs.page_memory import PageMemory
from book_engine.run.cache import Cache

PATH = "docs/en/loss.md"
ENTRY = {"location": "loss/"}
TOC = [{"name": "Loss", "id": "loss", "level": 1,
        "children": [{"name": "Twice", "id": "twice", "level": 2, "children": []}]}]


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path)


def page(**attributes: object) -> SimpleNamespace:
    return SimpleNamespace(**{"title": "Loss", "toc": get_toc(TOC), "present_anchor_ids": {"loss", "twice"},
                              "links_to_anchors": None} | attributes)


def build(cache: Cache, key: object, common: object = "labels", ends_well: bool = True) -> str | None:
    """A build of one page; the HTML that came from memory, if it did."""
    memory = PageMemory(cache)
    memory.begin([common])
    found = memory.recalls(PATH, key)
    html = memory.content(PATH, page(), "" if found else f"<p>{key}", Files([]))
    memory.search(PATH, [], 0)
    if ends_well:
        memory.keep()
    return html if found else None


def test_a_page_is_recalled_while_nothing_it_depends_on_has_changed(cache: Cache) -> None:
    assert build(cache, "one") is None
    assert build(cache, "one") == "<p>one" == build(cache, "one")
    assert build(cache, "two") is None and build(cache, "two") == "<p>two"
    assert build(cache, "two", common="others") is None and build(cache, "two", common="others") == "<p>two"
    assert build(cache, "one") == "<p>one"


def test_what_a_build_that_failed_or_warned_has_rendered_is_not_kept(cache: Cache) -> None:
    build(cache, "one", ends_well=False)
    assert build(cache, "one") is None


def test_the_page_and_the_search_have_what_they_had(cache: Cache) -> None:
    old, new, gone = (File(path, "", "", True) for path in ("loss.md", "loss.md", "gone.md"))
    memory = PageMemory(cache)
    memory.begin([])
    memory.recalls(PATH, "one")
    memory.content(PATH, page(links_to_anchors={old: {"a": "loss.md#a"}, gone: {"b": "gone.md#b"}}), "<p>", Files([]))
    memory.search(PATH, [{}, ENTRY], 1)
    memory.keep()

    memory.begin([])
    assert memory.recalls(PATH, "one")
    fresh, entries = page(title=None, toc=None, present_anchor_ids=None), [{}]
    assert memory.content(PATH, fresh, "", Files([new])) == "<p>"
    assert str(fresh.toc) == str(get_toc(TOC)) and next(iter(fresh.links_to_anchors)) is new
    assert fresh == page(toc=fresh.toc, links_to_anchors={new: {"a": "loss.md#a"}})
    memory.search(PATH, entries, 1)
    assert entries == [{}, ENTRY]


def test_a_page_with_a_warning_warns_in_every_build(small_site) -> None:
    """MkDocs warns where it renders a page, so such a page is not kept."""
    small_site.edit("docs/en/loss.md", "See ", "See [nothing](nothing.md) and ")
    for _ in range(2):
        done = small_site.build()
        assert done.returncode != 0 and "nothing.md" in done.stdout


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
