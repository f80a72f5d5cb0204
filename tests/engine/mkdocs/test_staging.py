"""A site appears whole or not at all."""

from __future__ import annotations

import os
import time

import pytest

from book_engine.mkdocs import staging


@pytest.fixture
def target(tmp_path):
    return tmp_path / "deep" / "site"


def staged(target, text: str):
    folder = staging.new_folder(target)
    (folder / "index.html").write_text(text)
    return folder


def names(folder) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_first_and_second(target):
    for text in ("first", "second"):
        staging.publish(staged(target, text), target)
        assert (target / "index.html").read_text() == text
    assert names(target.parent) == ["site"]


def test_what_was_there_goes(target):
    staging.publish(staged(target, "first"), target)
    (target / "old.html").write_text("old")
    staging.publish(staged(target, "second"), target)
    assert names(target) == ["index.html"]


def test_hidden_entries_stay(target):
    """As MkDocs leaves them: the work tree of a branch that is published, what a web server wants to find."""
    staging.publish(staged(target, "first"), target)
    (target / ".git").mkdir()
    (target / ".git" / "HEAD").write_text("ref")
    (target / ".nojekyll").write_text("")
    folder = staged(target, "second")
    (folder / ".nojekyll").write_text("new")
    staging.publish(folder, target)
    assert (target / ".git" / "HEAD").read_text() == "ref"
    assert (target / ".nojekyll").read_text() == "new"


def test_discard(target):
    folder = staged(target, "x")
    staging.discard(folder)
    staging.discard(folder)
    assert names(target.parent) == []


def test_folders_of_killed_builds_go_after_a_day(target):
    old, fresh = staged(target, "old"), staged(target, "fresh")
    day = time.time() - staging.LEFT_OVER - 60
    os.utime(old, (day, day))
    new = staging.new_folder(target)
    assert names(target.parent) == sorted([fresh.name, new.name])


def test_another_build_in_between(target, monkeypatch):
    """Between the old site's leaving and the new one's coming, another build publishes: the later one stays."""
    staging.publish(staged(target, "first"), target)
    mine, other, replace = staged(target, "mine"), staged(target, "other"), os.replace

    def interrupted(source, destination):
        if source == mine and other.exists():
            replace(other, target)
        replace(source, destination)

    monkeypatch.setattr(os, "replace", interrupted)
    staging.publish(mine, target)
    assert (target / "index.html").read_text() == "mine"
    assert names(target.parent) == ["site"]


def test_a_place_that_cannot_be_taken(target, monkeypatch):
    """The old site is back in its place, and the error passes."""
    staging.publish(staged(target, "first"), target)
    mine, replace = staged(target, "mine"), os.replace

    def refused(source, destination):
        if source == mine:
            raise PermissionError(13, "Permission denied")
        replace(source, destination)

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(OSError, match="Permission denied"):
        staging.publish(mine, target)
    assert (target / "index.html").read_text() == "first"
