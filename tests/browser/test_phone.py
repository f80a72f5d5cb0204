"""A phone's width: what is wider than the window scrolls in a box of its own."""

from __future__ import annotations

import pytest
from browsing import LANGUAGES, PHONE, TOO_WIDE, Browser, Reader, is_in_view

A_PHONE = {"viewport": PHONE, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("reader", [A_PHONE], indirect=True)
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


# Text that stands, in part, outside of a box that hides it, or of the window. A box that scrolls is a sign of it if its
# edge is shaded: the covers of the shade move with its text (book.css). Folds are open.
CUT = """() => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  const shaded = (style) => style.backgroundAttachment === "local, local, scroll, scroll, scroll"
    && style.backgroundImage.split("linear-gradient").length === 5;
  const boxes = new Map(); // what an element does to what is wider than it
  const kind = (element) => {
    if (!boxes.has(element)) {
      const style = getComputedStyle(element);
      const hides = style.overflowX !== "visible" && element !== document.body;
      const scrolls = /auto|scroll/.test(style.overflowX);
      boxes.set(element, !hides ? "" : !scrolls ? "hides" : shaded(style) ? "signed" : "bare");
    }
    return boxes.get(element);
  };
  const found = new Set();
  const walker = document.createTreeWalker(document.querySelector("article") ?? document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const own = node.parentElement;
    const aside = ".symbols, .book-hidden, .book-notebook, .md-code__nav, .headerlink, defs, style, script";
    if (own.closest(aside) || !node.data.trim()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const { left, right, width } of range.getClientRects()) {
      if (!width || !own.checkVisibility()) continue;
      let box = own;
      for (; box && kind(box) !== "signed"; box = box.parentElement) {
        const edge = box.getBoundingClientRect();
        if (kind(box) && (right > edge.right + 1 || left < edge.left - 1)) break;
      }
      if (box ? kind(box) !== "signed" : right > innerWidth + 1 || left < -1) {
        const name = own.closest("[class]")?.getAttribute("class");
        found.add(`${own.tagName} in ${name}: ${node.data.trim().slice(0, 40)}`);
      }
    }
  }
  return [...found];
}"""


@pytest.mark.parametrize("reader", [A_PHONE], indirect=True)
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_cut_without_a_sign(reader: Reader, built_site, language: str) -> None:
    pages = sorted(file.relative_to(built_site).as_posix().removesuffix("index.html")
                   for file in (built_site / language).rglob("index.html"))
    cut = {path: found for path in pages if (found := reader.open(path).evaluate(CUT))}
    assert len(pages) > 15 and not cut


@pytest.mark.parametrize("reader", [A_PHONE], indirect=True)
def test_a_number_stands_beside_its_formula_or_below_it(reader: Reader) -> None:
    page = reader.open("zh/cross-entropy/")
    places = page.locator(".equation:has(.equation-number)").evaluate_all("""all => all.map(equation => {
      const box = equation.querySelector(".equation-body");
      const [body, number] = [box, equation.querySelector(".equation-number")].map(one => one.getBoundingClientRect());
      if (box.scrollWidth > box.clientWidth && body.width < equation.clientWidth) return "cut with room beside it";
      return number.left >= body.right - 1 ? "beside" : number.top >= body.bottom - 1 ? "below" : "over it";
    })""")
    assert set(places) <= {"beside", "below"} and places.count("beside") > 5, places


def test_on_a_screen_every_number_stands_beside_its_formula(reader: Reader) -> None:
    page = reader.open("en/gradient-descent/")
    heights = page.locator(".equation:has(.equation-number)").evaluate_all("""all => all.map(equation => [
      equation.clientHeight, equation.querySelector(".equation-body").offsetHeight,
      equation.querySelector(".equation-number").getBoundingClientRect().top
        < equation.querySelector(".equation-body").getBoundingClientRect().bottom])""")
    assert len(heights) > 3 and all(whole - body <= 1 and beside for whole, body, beside in heights), heights


CUTS = ("display: block; overflow: hidden", "display: block; overflow: auto", "")


@pytest.mark.parametrize("style", CUTS)
def test_a_cut_without_a_sign_is_noticed(browser: Browser, style: str) -> None:
    with browser.new_context(viewport=PHONE, is_mobile=True) as context:
        page = context.new_page()
        head = '<meta name="viewport" content="width=device-width,minimum-scale=1"><main style="width: 300px">'
        code = f'<code class="x" style="{style}; white-space: nowrap">{"word " * 40}</code>'
        page.set_content(f"{head}<p>short</p>{code}")
        assert page.evaluate(CUT) == [f"CODE in x: {('word ' * 40)[:40]}"]


@pytest.mark.parametrize("reader", [A_PHONE], indirect=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sign_is_seen_until_the_end_is_reached(reader: Reader, scheme: str) -> None:
    """The colours at the right edge of a box, below its text: shaded, and not when there is no more."""
    reader.page.emulate_media(color_scheme=scheme)
    page = reader.open("en/loss/")
    box = page.locator(".cell-output > pre").filter(has_text=" ").first
    box.evaluate("box => { box.textContent = '\\n'.repeat(3) + '.'.repeat(300); }")

    def edge() -> bytes:
        box.scroll_into_view_if_needed()
        place = box.bounding_box()
        clip = {"x": place["x"] + place["width"] - 3, "y": place["y"] + 4, "width": 3, "height": 20}
        return page.screenshot(clip=clip)

    shaded = edge()
    box.evaluate("box => { box.scrollLeft = 9999; }")
    assert edge() != shaded


def test_a_page_that_scrolls_sideways_is_noticed(browser: Browser) -> None:
    with browser.new_context(viewport=PHONE, is_mobile=True) as context:
        page = context.new_page()
        head = '<meta name="viewport" content="width=device-width,initial-scale=1"><main>'
        page.set_content(f'{head}<div style="overflow-x: auto"><p style="width: 900px">own box</p></div></main>')
        assert page.evaluate(TOO_WIDE) == []
        page.set_content(f'{head}<p style="width: 900px">wide</p></main>')
        assert len(page.evaluate(TOO_WIDE)) == 2
