"""On a slow network, too, nothing moves while a page comes in: the formulas' font is there when lines are broken."""

from __future__ import annotations

import re

import pytest
from browsing import LANGUAGES, Browser, Reader
from sweep import SETTLED, SHIFT_LIMIT, WATCH

SLOW = {"offline": False, "latency": 100, "downloadThroughput": 250_000, "uploadThroughput": 100_000}  # ms, bytes/s


def shift(browser: Browser, address: str, path: str, drop: str = "") -> float:
    """How far the layout moves while the page loads, its HTML taken without what the pattern `drop` finds."""
    reader = Reader(browser, address)
    reader.context.add_init_script(WATCH)
    if drop:
        reader.page.route(address + path, lambda route: route.fulfill(
            content_type="text/html; charset=utf-8", body=re.sub(drop, "", route.fetch().text())))
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


def test_a_font_that_comes_late_is_noticed(browser: Browser, address: str) -> None:
    assert shift(browser, address, "en/gradient-descent/", drop="<link rel=.preload[^>]*>") > SHIFT_LIMIT
