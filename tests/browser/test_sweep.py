"""tests/sweep.py finds a fault of each kind, planted in a page of a few lines, and none in the sound page."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import chromium, served
from sweep import sweep

HEAD = """<meta http-equiv="Content-Security-Policy" content="default-src 'self'"><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>Page</title>
<link rel="stylesheet" href="page.css"><link rel="icon" href="icon.svg">"""
SOUND = f'<!doctype html><html lang="en"><head>{HEAD}</head><body><main><h1>Page</h1><p>Text.</p></main></body></html>'
STYLE = """:root { color-scheme: light dark; } .wide { width: 2000px; } .pale { color: #777; background: #666; }
@media (prefers-color-scheme: dark) { .dim { color: #444; background: #333; } } .gap { height: 300px; }"""
SCRIPTS = {
    # Two frames after the load: what has not been drawn cannot move.
    "gap.js": """addEventListener("load", () => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() =>
      document.querySelector("main").insertAdjacentHTML("afterbegin", "<p class=gap>Late</p>")))));""",
    "throw.js": "throw new Error('thrown');",
}
# (name, what stands before </main>, kind, words)
PLANTED = [
    ("thrown", '<script src="throw.js"></script>', "console", "thrown"),
    ("lost", '<img src="lost.png" alt="lost">', "console", "404 "),
    ("inline-script", "<script>window.planted = true</script>", "policy", "script-src-elem inline"),
    ("inline-style", '<p style="color: red">red</p>', "policy", "style-src-attr inline"),
    ("inline-handler", '<button onclick="0">press</button>', "policy", "script-src-attr inline"),
    ("foreign", '<img src="https://cdn.example.com/a.png" alt="foreign">', "policy", "cdn.example.com"),
    ("wide", '<p class="wide">wide</p>', "overflow", "the page"),
    ("in-a-fold", '<details><summary>Fold</summary><p class="wide">wide</p></details>', "overflow", "the page"),
    ("moved", '<script src="gap.js"></script>', "shift", "the layout moves by"),
    ("nameless", '<button></button>', "axe", "button-name"),
    ("pale", '<p class="pale">pale</p>', "axe", "light: color-contrast"),
    ("dim", '<p class="dim">dim</p>', "axe", "dark: color-contrast"),
]


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    chromium()
    folder = tmp_path_factory.mktemp("planted")
    (folder / "page.css").write_text(STYLE, "utf-8")
    (folder / "icon.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', "utf-8")
    for name, script in SCRIPTS.items():
        (folder / name).write_text(script, "utf-8")
    pages = {"sound": SOUND} | {name: SOUND.replace("</main>", f"{part}</main>") for name, part, *_ in PLANTED}
    # Without a policy a request to another host is made, and blocked by the sweep.
    pages["without-policy"] = pages["foreign"].replace(HEAD.split(">")[0] + ">", "")
    for name, html in pages.items():
        (folder / f"{name}.html").write_text(html, "utf-8")
    with served(folder) as address:
        return sweep(address, [f"{name}.html" for name in [*pages, "nowhere"]])


@pytest.mark.parametrize("size", ["390 px", "1280 px"])
@pytest.mark.parametrize(("name", "kind", "words"), [
    *((name, kind, words) for name, _, kind, words in PLANTED),
    ("without-policy", "host", "asked https://cdn.example.com/a.png"), ("nowhere", "console", "404 ")])
def test_a_planted_fault_is_found(faults: list[str], name: str, kind: str, words: str, size: str) -> None:
    found = [fault for fault in faults if f" {name}.html at {size}" in fault]
    assert any(fault.startswith(f"{kind}:") and words in fault for fault in found), found or "nothing was found"


def test_a_sound_page_has_no_fault(faults: list[str]) -> None:
    assert [fault for fault in faults if " sound.html " in fault] == []


def test_a_blocked_script_does_not_run(browser, tmp_path: Path) -> None:
    """The book's own policy, on a page: an inline script, an inline handler and an evaluated text do nothing."""
    policy = (Path(__file__).parents[2] / "docs/overrides/partials/policy.html").read_text("utf-8")
    meta = next(line.strip() for line in policy.splitlines() if "<meta" in line)
    (tmp_path / "own.js").write_text("window.own = 1; try { eval('window.evaluated = 1'); } catch {}", "utf-8")
    (tmp_path / "index.html").write_text(
        f"<!doctype html>{meta}<script>window.inline = 1</script><img src=x onerror='window.handled = 1'>"
        '<a href="javascript:window.address = 1">link</a><script src="own.js"></script>', "utf-8")
    with served(tmp_path) as address:
        page = browser.new_page()
        page.goto(address)
        page.locator("a").click()
        ran = page.evaluate("['own', 'inline', 'handled', 'evaluated', 'address'].filter(name => name in window)")
        page.close()
    assert ran == ["own"]
