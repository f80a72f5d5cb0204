"""Visits every page of a site in one browser, a few pages at a time, and notes what is wrong with each.

Each page is loaded once per width, seen in both colour schemes, and given to axe-core. Results are faults as text.
The root page is kept from leading on, so that it can be seen.
"""

from __future__ import annotations

import asyncio
import importlib.util
import threading
from collections.abc import Sequence
from pathlib import Path

from browsing import ARGUMENTS, PHONE, TOO_WIDE, WIDE, chromium

SCHEMES = ("light", "dark")
SIZES = {"390 px": {"viewport": PHONE, "is_mobile": True, "has_touch": True}, "1280 px": {"viewport": WIDE}}
SIDE_BY_SIDE = 3  # pages: one loads while others are examined
SHIFT_LIMIT = 0.01  # cumulative layout shift; below 0.1 is called good, and nothing here has a reason to move
DEPENDS_ON_COLOUR = ["color-contrast", "link-in-text-block"]
# Rules of axe that are left out, each with its reason.
KNOWN = {
    "empty-table-header": "does not read MathML: a header that is a formula counts as empty "
                          "(docs/engine/mkdocs/polish.py takes care of those that are)",
}

# Runs before anything of the page: what the browser refuses, and what moves. (A phone's Chromium marks what moves in
# its first half second as caused by the reader, so that mark is not asked for: nobody touches these pages.)
WATCH = """
  window.refused = []; window.shifts = [];
  document.addEventListener("securitypolicyviolation", event =>
    refused.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile ?? ""}:${event.lineNumber}`));
  window.noteShifts = entries => {
    for (const entry of entries) shifts.push([entry.value, entry.sources[0]?.node]);
  };
  window.observer = new PerformanceObserver(list => noteShifts(list.getEntries()));
  observer.observe({type: "layout-shift", buffered: true});
"""
# The sum of all shifts, and what the largest moved.
SETTLED = """async () => {
  await document.fonts.ready;
  const frames = async () => { for (let number = 0; number < 3; number++) await new Promise(requestAnimationFrame); };
  await frames();
  await new Promise(done => setTimeout(done, 150));
  await frames();  // what moved in that time is drawn, and known
  noteShifts(observer.takeRecords());
  const largest = shifts.reduce((one, other) => other[0] > one[0] ? other : one, [0, null])[1];
  return [shifts.reduce((sum, shift) => sum + shift[0], 0), (largest?.outerHTML ?? largest?.data ?? "").slice(0, 99)];
}"""
# The scheme has changed, and with it, at once, what would fade.
IN_SCHEME = """scheme => {
  document.getAnimations().forEach(fading => fading.finish());
  return matchMedia(`(prefers-color-scheme: ${scheme})`).matches && document.getAnimations().length === 0
    && [scheme, "light dark", "normal"].includes(getComputedStyle(document.documentElement).colorScheme);
}"""
OPEN_FOLDS = "() => document.querySelectorAll('details').forEach(fold => { fold.open = true; })"
AXE = """async options => (await axe.run(document, {...options, resultTypes: ["violations"]})).violations.map(rule =>
  `${rule.id}: ${rule.nodes.length} × ${rule.nodes[0].html.slice(0, 120)}`)"""
# Formulas and figures are emptied when all else has been seen: axe lays a grid over each of their parts, and their
# colours are those of the text, or of the palette that tests/chapters/test_home.py computes.
EMPTY_DRAWINGS = """() => {
  for (const drawing of document.querySelectorAll("math, .cell-figure > svg")) drawing.replaceChildren();
}"""
# Contrast is the same wherever colours, size and ground are: axe sees one element of each kind, not a thousand.
CONTRAST = """async rules => {
  const kinds = new Map(), grounds = new Map();
  const ground = element => {  // what lies behind it
    if (!element) return "";
    if (!grounds.has(element)) {
      const {backgroundColor, backgroundImage, opacity} = getComputedStyle(element);
      const own = [backgroundColor, backgroundImage, opacity].join();
      const below = ground(element.parentElement);
      grounds.set(element, own === "rgba(0, 0, 0, 0),none,1" ? below : `${below}/${own}`);
    }
    return grounds.get(element);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || element.closest("math, svg, script")) continue;
    const {color, fontSize, fontWeight, textDecorationLine} = getComputedStyle(element);
    const kind = [color, fontSize, fontWeight, textDecorationLine, ground(element)].join();
    if (!kinds.has(kind) && element.checkVisibility({opacityProperty: true, visibilityProperty: true}))
      kinds.set(kind, element);
  }
  const found = await axe.run({include: [...kinds.values()]}, {runOnly: rules, resultTypes: ["violations"]});
  return found.violations.map(rule => `${rule.id}: ${rule.nodes.length} × ${rule.nodes[0].html.slice(0, 120)}`);
}"""


def axe_core() -> str:
    """The script, as the package axe-playwright-python carries it."""
    package = Path(importlib.util.find_spec("axe_playwright_python").origin).parent
    return (package / "axe.min.js").read_text("utf-8")


def sweep(address: str, paths: Sequence[str], sizes: Sequence[str] = tuple(SIZES)) -> list[str]:
    """The faults of the pages at these paths and widths, each with its page, width and scheme."""
    faults: list[str] = []
    # In a thread of its own: one in which Playwright's synchronous half runs has an event loop already.
    thread = threading.Thread(target=lambda: asyncio.run(_sweep(chromium(), address, paths, sizes, faults)))
    thread.start()
    thread.join()
    return sorted(faults)


async def _sweep(program: str, address: str, paths: Sequence[str], sizes: Sequence[str], faults: list[str]) -> None:
    from playwright.async_api import async_playwright

    waiting = [(size, path) for size in sizes for path in paths]
    done = 0
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)

        async def work() -> None:
            nonlocal done
            while waiting:
                size, path = waiting.pop(0)
                found = await _visit(browser, address, path, size)
                if any(fault.startswith("shift:") for fault in found):
                    found = await _visit(browser, address, path, size)  # a busy machine may draw before it has the font
                faults.extend(found)
                done += 1

        await asyncio.gather(*(work() for _ in range(SIDE_BY_SIDE)))
        await browser.close()
    if done < len(sizes) * len(paths):
        faults.append(f"only {done} of {len(sizes) * len(paths)} pages were seen")


async def _visit(browser, address: str, path: str, size: str) -> list[str]:
    """The faults of one page at one width, in both schemes."""
    faults: list[str] = []
    place = f"{path or 'the root'} at {size}"
    context = await browser.new_context(**SIZES[size], color_scheme=SCHEMES[0])
    try:
        if not path:
            await context.route("**/root.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
        await context.add_init_script(WATCH)
        page = await context.new_page()
        page.on("console", lambda said: said.type in ("error", "warning")
                and faults.append(f"console: {place}: {said.text}"))
        page.on("pageerror", lambda error: faults.append(f"console: {place}: {error}"))
        page.on("request", lambda asked: asked.url.startswith((address, "data:", "blob:"))
                or faults.append(f"host: {place}: asked {asked.url}"))
        page.on("response", lambda answer: answer.status >= 400
                and faults.append(f"console: {place}: {answer.status} {answer.url}"))
        await page.goto(address + path, wait_until="load")
        for kind, found in await _examined(page):
            faults.append(f"{kind}: {place}: {found}")
    except Exception as error:
        faults.append(f"visit: {place}: {error}")
    finally:
        await context.close()
    return faults


async def _examined(page) -> list[tuple[str, str]]:
    """What is wrong with the page in the window, as (kind, words)."""
    found: list[tuple[str, str]] = []
    if (shifted := await page.evaluate(SETTLED))[0] >= SHIFT_LIMIT:
        found.append(("shift", f"the layout moves by {shifted[0]:.3f}, the limit is {SHIFT_LIMIT}: {shifted[1]}"))
    await page.evaluate(OPEN_FOLDS)
    found += [("overflow", words) for words in await page.evaluate(TOO_WIDE)]
    await page.evaluate(axe_core())
    rules = {rule: {"enabled": False} for rule in (*DEPENDS_ON_COLOUR, *KNOWN)}
    found += [("axe", words) for words in await page.evaluate(AXE, {"rules": rules})]
    found += [("policy", words) for words in await page.evaluate("refused")]
    await page.evaluate(EMPTY_DRAWINGS)
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        await page.wait_for_function(IN_SCHEME, arg=scheme)
        found += [("axe", f"{scheme}: {words}") for words in await page.evaluate(CONTRAST, DEPENDS_ON_COLOUR)]
    return found
