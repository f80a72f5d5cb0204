"""The English pages as Zensical, Material's successor, builds them with the book's extension and templates: what it
makes of them is what MkDocs makes. It reads the results that were kept, so no code of a page runs again."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import yaml
from conftest import markdown_extensions
from lxml.html import fromstring
from mkdocs.utils.yaml import get_yaml_loader

from book_engine.mkdocs.polish import unbroken
from book_engine.source.files import stamps

RESULTS = ".cache/results"
KINDS = {"math": "formulas", ".value": "values", ".cell": "cells", ".cell-figure": "figures", ".term": "terms",
         "h1": "headings", "h2": "headings", "h3": "headings", "h4": "headings", ".citation": "citations",
         ".equation-number": "numbers of equations", ".eqref": "numbers of equations", ".symbols": "lists of symbols",
         ".question": "questions", "figcaption": "captions", "table": "tables", "a": "links"}
ATTRIBUTES = ("id", "href", "title", "aria-label", "data-states")
OF_THE_THEME = {".headerlink", ".md-content__button", ".book-page", "#__skip"}
OF_THE_PLUGIN = {".chapter-number"}  # it also writes the hyphens of `unbroken`


def config_of(book: Path) -> dict:
    """mkdocs.yml for one language, as the plugin `book` makes it while it builds."""
    config = yaml.load((book / "mkdocs.yml").read_text("utf-8"), get_yaml_loader())
    english = config["extra"]["languages"]["en"]
    names, options = markdown_extensions()
    options = options | {"smarty": {"smart_dashes": False, "smart_ellipses": False}}
    of_a_language = {"language": "en", "ran_with": {"Python": "3"}, "edition": {"version": "1"}, "cards": {},
                     "notebooks": ["loss"]}
    return {"site_name": english["site_name"], "site_url": f"{config['site_url']}en/", "repo_url": config["repo_url"],
            "docs_dir": "docs/en", "nav": config["nav"], "extra": config["extra"] | of_a_language,
            "theme": {"name": "material", "custom_dir": "docs/overrides", "font": False,
                      "logo": config["theme"]["logo"], "features": config["theme"]["features"]},
            "markdown_extensions": [{name: options.get(name, {})} for name in [*names, "smarty", "book"]]}


def built(book: Path, folder: Path) -> Path:
    """The site that Zensical makes in the folder, of the book and the results that were kept with it."""
    for name in ("docs", "snippets", RESULTS):
        shutil.copytree(book / name, folder / name)
    for name in ("mkdocs.yml", "pyproject.toml"):
        shutil.copy(book / name, folder)
    (folder / "zensical.yml").write_text(json.dumps(config_of(folder)), "utf-8")  # JSON is YAML
    done = subprocess.run([sys.executable, "-m", "zensical", "build", "--strict", "-f", "zensical.yml"], cwd=folder,
                          text=True, encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    assert done.returncode == 0, done.stdout
    return folder / "site"


def read(file: Path) -> dict[str, list]:
    """The parts of each kind, and all words."""
    article = fromstring(file.read_text("utf-8")).find(".//article")
    named = [(element, {element.tag, f"#{element.get('id')}", *(f".{one}" for one in element.get("class", "").split())})
             for element in article.iter("*")]
    for element, names in named:
        if names & (OF_THE_THEME | OF_THE_PLUGIN):
            element.drop_tree()
    found: dict[str, list] = {kind: [] for kind in KINDS.values()}
    for element, names in named:
        for name in names & KINDS.keys() if article in element.iterancestors() else ():
            found[KINDS[name]].append([words(element.text_content()), *map(element.get, ATTRIBUTES)])
    return found | {"words": words(article.text_content()).split()}


def words(text: str) -> str:
    return unbroken(" ".join(text.split()))


def test_each_page_holds_what_mkdocs_makes_of_it(built_copy: Path, tmp_path: Path) -> None:
    ours, theirs = built_copy / "site/en", built(built_copy, tmp_path)
    pages = {file.relative_to(ours) for file in ours.rglob("index.html")}
    assert pages == {file.relative_to(theirs) for file in theirs.rglob("index.html")}
    seen, faults = Counter(), []
    for page in sorted(pages):
        there = read(theirs / page)
        for name, expected in read(ours / page).items():
            seen[name] += len(expected)
            if (found := there[name]) != expected:
                pair = next((pair for pair in zip(expected, found) if pair[0] != pair[1]), "")
                faults.append(f"{page}: {len(found)} {name}, expected {len(expected)}; the first that differs: {pair}")
    assert not faults, "\n".join(faults)
    assert all(seen.values()) and seen["words"] > 50_000, seen
    assert stamps(tmp_path, RESULTS) == stamps(built_copy, RESULTS) != {}  # no code ran again
