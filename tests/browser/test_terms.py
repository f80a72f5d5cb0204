"""A term says what it means: to the mouse, a finger, the keyboard; its second tap leads to the glossary."""

from __future__ import annotations

import pytest
from browsing import LANGUAGES, PHONE, Reader

WORDS = {"zh": ("学习率", "词汇表"), "en": ("learning rate", "Glossary")}
TERM = "a.term[href$='#learning-rate']"


def is_shown(page, language: str) -> bool:
    tip = page.locator("#tip")
    tip.wait_for(state="visible")
    assert page.locator(TERM).get_attribute("aria-describedby") == "tip"
    box = tip.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"]
    return len(tip.inner_text()) > 20 and tip.locator("a").inner_text() == WORDS[language][1]


@pytest.mark.parametrize("reader", [{"viewport": PHONE, "has_touch": True, "is_mobile": True}], indirect=True)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_tap_shows_the_definition_and_the_link_leads_on(reader: Reader, language: str) -> None:
    page = reader.open(f"{language}/gradient-descent/")
    before = page.url
    page.locator(TERM).tap()
    assert is_shown(page, language) and page.url == before
    page.locator(".md-header__title").tap()
    page.locator("#tip").wait_for(state="detached")
    page.locator(TERM).tap()
    assert is_shown(page, language) and page.url == before
    page.locator("#tip a").tap()
    page.wait_for_url(f"**/{language}/glossary/#learning-rate")


@pytest.mark.parametrize("reader", [{"viewport": PHONE, "has_touch": True, "is_mobile": True}], indirect=True)
def test_the_second_tap_on_a_term_leads_to_the_glossary(reader: Reader) -> None:
    page = reader.open("en/gradient-descent/")
    page.locator(TERM).tap()
    assert is_shown(page, "en")
    page.locator(TERM).tap()
    page.wait_for_url("**/en/glossary/#learning-rate")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mouse_and_the_keyboard(reader: Reader, language: str) -> None:
    page = reader.open(f"{language}/gradient-descent/")
    page.locator(TERM).hover()
    assert is_shown(page, language)
    page.locator("#tip").hover()
    page.wait_for_timeout(300)
    assert is_shown(page, language), "the way to the link is short enough"
    page.mouse.move(5, 5)
    page.locator("#tip").wait_for(state="detached")
    page.locator(TERM).focus()
    assert is_shown(page, language)
    page.keyboard.press("Escape")
    page.locator("#tip").wait_for(state="detached")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{language}/glossary/#learning-rate")


@pytest.mark.parametrize("reader", [{"java_script_enabled": False}], indirect=True)
def test_without_scripts_the_definition_is_the_title(reader: Reader) -> None:
    page = reader.open("en/gradient-descent/")
    assert len(page.locator(TERM).get_attribute("title")) > 20


@pytest.mark.parametrize(("path", "typed", "kept"), [
    ("zh/glossary/", "学习率", "learning-rate"), ("en/symbols/", "lr", "learning-rate"),
    ("en/glossary/", "XOR", "xor")])
def test_a_box_leaves_what_holds_the_typed_text(reader: Reader, path: str, typed: str, kept: str) -> None:
    page = reader.open(path)
    count = page.locator("dt:visible").count()
    page.locator(".book-filter input").fill(typed)
    assert page.locator(f"#{kept}").is_visible() and 0 < page.locator("dt:visible").count() < count / 3
    headings = page.locator("article :is(h2, h3):visible:has(+ dl)")
    assert headings.count() == page.locator("article dl:visible").count()
    page.locator(".book-filter input").fill("")
    assert page.locator("dt:visible").count() == count


def test_letters_lead_to_their_entries(reader: Reader) -> None:
    page = reader.open("en/symbols/")
    page.locator(".jumps a", has_text="η").click()
    page.wait_for_url("**#learning-rate")


@pytest.mark.parametrize(("seen", "unseen"), [("zh", "en"), ("en", "zh")])
def test_a_lost_reader_is_told_so_in_the_language_of_the_path(reader: Reader, seen: str, unseen: str) -> None:
    """A host shows the root's page for any path."""
    path = f"{seen}/nowhere/"
    body = reader.context.request.get(f"{reader.address}404.html").text()
    reader.page.route(f"**/{path}", lambda route: route.fulfill(body=body, content_type="text/html"))
    page = reader.open(path)
    assert all(page.locator(f"{part}[lang={seen}]").is_visible() for part in ("h1 span", "p"))
    assert not any(page.locator(f"{part}[lang={unseen}]").is_visible() for part in ("h1 span", "p"))
    assert page.locator(f"p[lang={seen}] a").get_attribute("href") == f"/{seen}/"
