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
    page.locator("h1").tap()
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
