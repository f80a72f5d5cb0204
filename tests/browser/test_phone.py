"""A phone's width: what is wider than the window scrolls in a box of its own."""

from __future__ import annotations

import pytest
from browsing import PHONE, TOO_WIDE, Browser, Reader, is_in_view


@pytest.mark.parametrize("reader", [{"viewport": PHONE, "has_touch": True, "is_mobile": True}], indirect=True)
def test_a_long_formula_scrolls_in_its_own_box(reader: Reader) -> None:
    page = reader.open("en/loss/")
    box = page.locator(".equation:has(.equation-number) > .equation-body").first
    box.evaluate("""box => {
      const formula = box.querySelector("math");
      const parts = [...formula.children];
      for (let time = 0; time < 20; time++) formula.append(...parts.map(part => part.cloneNode(true)));
    }""")
    content, width, right = box.evaluate("box => [box.scrollWidth, box.clientWidth, box.getBoundingClientRect().right]")
    assert content > 2 * width
    assert right < PHONE["width"]
    assert is_in_view(page, ".equation-number")
    box.focus()
    assert box.evaluate("box => { box.scrollLeft = 9999; return box.scrollLeft; }") > width
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate("scrollX") == 0


def test_a_page_that_scrolls_sideways_is_noticed(browser: Browser) -> None:
    with browser.new_context(viewport=PHONE, is_mobile=True) as context:
        page = context.new_page()
        head = '<meta name="viewport" content="width=device-width,initial-scale=1"><main>'
        page.set_content(f'{head}<div style="overflow-x: auto"><p style="width: 900px">own box</p></div></main>')
        assert page.evaluate(TOO_WIDE) == []
        page.set_content(f'{head}<p style="width: 900px">wide</p></main>')
        assert len(page.evaluate(TOO_WIDE)) == 2
