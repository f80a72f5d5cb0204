"""The English pages as Zensical, Material's successor, builds them with the book's extension and templates: what it
makes of them is what MkDocs makes. It reads the results that were kept, so no code of a page runs again."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from bs4 import BeautifulSoup
from conftest import markdown_extensions
from mkdocs.utils.yaml import get_yaml_loader

from book_engine.mkdocs.typography import unbroken
from book_engine.source.files import stamps

RESULTS = ".cache/results"
PARTS = {"formulas": "math", "values": ".value", "cells": ".cell", "figures": ".cell-figure", "terms": "a.term",
         "headings": "h1, h2, h3, h4", "numbers of equations": ".equation-number, .eqref", "citations": ".citation a",
         "questions": ".question", "symbols": ".symbols a", "captions": "figcaption", "tables": "table"}
ATTRIBUTES = ("id", "href", "title", "aria-label", "data-states")
OF_THE_THEME = ".headerlink, .md-content__button, .book-page"


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
    article = BeautifulSoup(file.read_text("utf-8"), "lxml").select_one("article")
    number = article.select_one("h1 > .chapter-number")  # written by the MkDocs plugin, as the hyphens of `unbroken`
    for element in [*article.select(OF_THE_THEME), *([number] if number else [])]:
        element.decompose()
    found = {name: [[words(element.get_text()), *map(element.get, ATTRIBUTES)] for element in article.select(selector)]
             for name, selector in PARTS.items()}
    return found | {"text": words(article.get_text()).split()}


def words(text: str) -> str:
    return unbroken(" ".join(text.split()))


def test_each_page_holds_what_mkdocs_makes_of_it(built_copy: Path, tmp_path: Path) -> None:
    ours, theirs = built_copy / "site/en", built(built_copy, tmp_path)
    pages = {file.relative_to(ours) for file in ours.rglob("index.html")}
    assert pages == {file.relative_to(theirs) for file in theirs.rglob("index.html")}
    seen, faults = dict.fromkeys([*PARTS, "text"], 0), []
    for page in sorted(pages):
        there = read(theirs / page)
        for name, expected in read(ours / page).items():
            seen[name] += len(expected)
            if (found := there[name]) != expected:
                pair = next((pair for pair in zip(expected, found) if pair[0] != pair[1]), "")
                faults.append(f"{page}: {len(found)} {name}, expected {len(expected)}; the first that differs: {pair}")
    assert not faults, "\n".join(faults)
    assert all(seen.values()), seen
    assert stamps(tmp_path, RESULTS) == stamps(built_copy, RESULTS) != {}  # no code ran again
