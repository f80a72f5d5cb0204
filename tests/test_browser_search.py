"""Search as a reader uses it."""

from __future__ import annotations

import pytest
from browsing import Reader


# Words from the middle of sentences, and the chapter that tells of them.
@pytest.mark.parametrize(("language", "word", "chapter"), [
    ("zh", "峡谷", "gradient-descent"), ("zh", "中位数", "loss"), ("zh", "Huber", "loss"),
    ("en", "median", "loss"), ("en", "momentum", "gradient-descent")])
def test_search_finds_a_word_of_a_sentence(reader: Reader, language: str, word: str, chapter: str) -> None:
    page = reader.open(f"{language}/")
    page.locator("label.md-search__icon[for=__search], .md-search__input").first.click()
    page.locator(".md-search__input").press_sequentially(word)
    page.locator(".md-search__input").press("End")  # Chinese is put in without a key; Material waits for one
    results = page.locator("a.md-search-result__link")
    results.first.wait_for(state="visible")
    first = [results.nth(number).evaluate("link => new URL(link.href).pathname")
             for number in range(min(3, results.count()))]
    assert f"/{language}/{chapter}/" in first, first
    shown = page.locator(".md-search-result__item").filter(has=page.locator(f"a[href*='/{chapter}/']")).first
    assert word.lower() in shown.inner_text().lower()
