"""What the browser tests look at does tell: faults planted in a page, and a machine without a browser."""

from __future__ import annotations

import shutil

import pytest
from browsing import Browser, Reader, chromium


def test_a_fault_of_a_page_is_noticed(browser: Browser, address: str) -> None:
    reader = Reader(browser, address, bypass_csp=True)
    reader.open("en/loss/").evaluate("""async () => {
      console.error("planted");
      setTimeout(() => { throw new Error("thrown"); });
      await fetch("/nothing.js");
      await fetch("http://127.0.0.2:9/").catch(() => 0);
    }""")
    reader.page.wait_for_timeout(100)
    reader.context.close()
    for fault in ("planted", "thrown", "404 ", "asked another host: http://127.0.0.2:9/"):
        assert any(fault in said for said in reader.faults), (fault, reader.faults)


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_a_machine_without_a_browser_skips_unless_it_is_ci(monkeypatch: pytest.MonkeyPatch, ci: str, outcome) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(outcome, match="is not installed"):
        chromium()
