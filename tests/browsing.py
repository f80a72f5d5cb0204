"""What the browser tests share: the site on a server that compresses, Chromium, a reader with a window.

Playwright drives the machine's own Chromium; it downloads none. Without either the tests are skipped, on a machine
with CI set they fail.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import http.server
import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--no-first-run",
             "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]  # no other host can be reached
LANGUAGES = ("zh", "en")
OTHER = {"zh": "en", "en": "zh"}
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
TEXTS = (".html", ".css", ".js", ".json", ".svg", ".xml")

try:
    from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, sync_playwright
except ImportError:  # the tests say so
    sync_playwright = None


class Handler(http.server.SimpleHTTPRequestHandler):
    """Static files as a host sends them: compressed, over a connection that is kept."""

    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        file = Path(self.translate_path(self.path))
        if file.is_dir():
            file /= "index.html"
        if not file.is_file():
            self.send_error(404)
            return
        data = gzip.compress(file.read_bytes(), 6) if file.suffix in TEXTS else file.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(file)))
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "max-age=600")
        if file.suffix in TEXTS:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing: what fails is seen in the browser."""


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Nothing: a browser that closes a connection is no fault."""


@contextlib.contextmanager
def served(folder: Path, handler: type[Handler] = Handler) -> Iterator[str]:
    """The address at which the folder is served."""
    with Server(("127.0.0.1", 0), functools.partial(handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def chromium() -> str:
    """The program that the tests drive; without it, or without Playwright, the test is skipped or, in CI, fails."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if sync_playwright is not None and program is not None:
        return program
    what = "the package playwright" if sync_playwright is None else f"Chromium ({', '.join(NAMES)})"
    (pytest.fail if os.environ.get("CI") else pytest.skip)(f"browser tests need {what}, which is not installed")


@contextlib.contextmanager
def launched() -> Iterator[Browser]:
    program = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


class Reader:
    """A browser window of one reader, and what went wrong in it."""

    def __init__(self, browser: Browser, address: str, **settings: object) -> None:
        self.address, self.faults = address, []
        self.context: BrowserContext = browser.new_context(**{"viewport": WIDE} | settings)
        self.context.set_default_timeout(10_000)
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda said: said.type in ("error", "warning") and self.faults.append(said.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("response", self._answered)
        self.page.on("request", self._asked)

    def _answered(self, answer: Response) -> None:
        if answer.status >= 400:
            self.faults.append(f"{answer.status} {answer.url}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"asked another host: {request.url}")

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path, wait_until="load")
        return self.page


IN_VIEW = """element => {
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0
    && box.left < innerWidth && element.checkVisibility({opacityProperty: true, visibilityProperty: true});
}"""


def is_in_view(page: Page, selector: str) -> bool:
    found = page.locator(selector).first
    found.scroll_into_view_if_needed()
    return found.evaluate(IN_VIEW)


# What makes the page scroll sideways; an element that scrolls in its own box does not.
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth && innerWidth <= screen.width ? [] :
  ["the page", ...[...document.querySelectorAll("main *")].filter(element =>
    element.getBoundingClientRect().right > screen.width).slice(0, 5).map(element => element.outerHTML.slice(0, 99))]"""


def luminance(colour: str) -> float:
    """Relative luminance of `rgb(…)`, as WCAG 2 defines it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
