"""All can be done with the keyboard alone, and the focus is seen: search, both switches, copying, folds."""

from __future__ import annotations

import pytest
from browsing import IN_VIEW, OTHER, Page, Reader

FOCUSED = "document.activeElement"


def tab_to(page: Page, selector: str, limit: int = 200) -> None:
    """Presses Tab until the element that the selector names has the focus, and sees that a reader sees it."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        if page.evaluate(f"selector => {FOCUSED}.matches(selector)", selector):
            assert page.evaluate(f"({IN_VIEW})({FOCUSED})"), f"{selector} has the focus out of sight"
            return
    raise AssertionError(f"{limit} times Tab, and {selector} was not reached")


@pytest.mark.parametrize("language", OTHER)
def test_the_language_switch(reader: Reader, language: str) -> None:
    page = reader.open(f"{language}/loss/")
    tab_to(page, ".book-language")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{reader.address}{OTHER[language]}/loss/**")


def test_the_colour_switch(reader: Reader) -> None:
    page = reader.open("en/loss/")
    tab_to(page, ".book-scheme")
    for scheme in ("light", "dark", "auto"):
        page.keyboard.press("Enter")
        assert page.evaluate("document.documentElement.dataset.scheme") == scheme
        assert page.evaluate(f"{FOCUSED}.matches('.book-scheme')")


def test_the_search(reader: Reader) -> None:
    page = reader.open("en/")
    page.keyboard.press("/")
    page.keyboard.insert_text("momentum")  # one query: the answer to a second would take the focused link away
    page.locator("a.md-search-result__link").first.wait_for(state="visible")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(f"{FOCUSED}.matches('.md-search-result__link')")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{reader.address}en/*/**")
    page.evaluate("new Promise(passed => setTimeout(passed, 250))")  # Material closes the search 125 ms after a jump
    for key, is_open in (("/", True), ("Escape", False)):
        page.keyboard.press(key)
        page.wait_for_function("is_open => document.getElementById('__search').checked === is_open", arg=is_open)


@pytest.mark.parametrize("reader", [{"permissions": ["clipboard-read", "clipboard-write"]}], indirect=True)
def test_copying_code(reader: Reader) -> None:
    page = reader.open("en/loss/")
    tab_to(page, ".md-code__button")
    page.keyboard.press("Enter")
    page.wait_for_function("navigator.clipboard.readText().then(text => text.length > 0)")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == page.locator(".cell-code code").first.inner_text().strip()


def test_folds(reader: Reader) -> None:
    page = reader.open("en/loss/")
    page.locator("details").first.evaluate("fold => fold.previousElementSibling.scrollIntoView()")
    tab_to(page, "summary", limit=400)
    for is_open in (True, False):
        page.keyboard.press("Enter")
        assert page.evaluate(f"{FOCUSED}.parentElement.open") == is_open


@pytest.mark.parametrize("reader", [{"viewport": {"width": 390, "height": 844}}], indirect=True)
def test_what_is_wider_than_the_window_is_scrolled(reader: Reader) -> None:
    """Output and tables have their own boxes; each box that scrolls takes the focus, and no other does. Those of a
    fold are measured when it opens."""
    page = reader.open("en/notation/")
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    boxes = page.locator(".cell-output > pre, .cell-code code, .md-typeset__scrollwrap")
    states = boxes.evaluate_all("boxes => boxes.map(box => [box.scrollWidth > box.clientWidth, box.tabIndex === 0])")
    assert all(scrolls == focusable for scrolls, focusable in states), states
    assert any(scrolls for scrolls, _ in states)


def test_a_control_out_of_reach_is_noticed(reader: Reader) -> None:
    page = reader.open("en/loss/")
    page.locator(".book-language").evaluate("link => { link.tabIndex = -1; }")
    with pytest.raises(AssertionError, match="was not reached"):
        tab_to(page, ".book-language", limit=30)
    page = reader.open("en/loss/")
    page.locator(".book-scheme").evaluate("button => { button.style.transition = 'none'; button.style.opacity = 0; }")
    with pytest.raises(AssertionError, match="out of sight"):
        tab_to(page, ".book-scheme", limit=60)
