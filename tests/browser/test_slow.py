"""On a slow network, too, nothing moves while a page comes in: the formulas' font is there when lines are broken."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import LANGUAGES, Browser, Reader
from sweep import SETTLED, SHIFT_LIMIT, WATCH

SLOW = {"offline": False, "latency": 100, "downloadThroughput": 250_000, "uploadThroughput": 100_000}  # ms, bytes/s


def shift(browser: Browser, address: str, path: str) -> float:
    """How far the layout moves while the page loads."""
    reader = Reader(browser, address)
    reader.context.add_init_script(WATCH)
    network = reader.context.new_cdp_session(reader.page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW)
    moved = reader.open(path).evaluate(SETTLED)[0]
    reader.context.close()
    assert reader.faults == []
    return moved


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", ["gradient-descent", "derivatives"])
def test_nothing_moves(browser: Browser, address: str, language: str, page: str) -> None:
    assert shift(browser, address, f"{language}/{page}/") < SHIFT_LIMIT


def test_the_font_is_asked_for_with_the_page(built_site: Path) -> None:
    """Of each page with formulas, before any style sheet: else lines break anew when it arrives."""
    pages = [page for page in built_site.rglob("index.html") if "<math" in page.read_text("utf-8")]
    assert len(pages) > 20
    for page in pages:
        head = page.read_text("utf-8").partition("</head>")[0]
        assert 0 < head.find("stix-two-math.woff2") < head.find('rel="stylesheet"'), page
