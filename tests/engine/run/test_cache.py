"""Results kept by content: atomic, honest, pruned, and harmless when it cannot be read."""

from __future__ import annotations

import os
import threading
import time

import pytest

from book_engine.run import cache as module
from book_engine.run.cache import FRESH, KEEP, VERSION, Cache, digest, prune, switched_off
from book_engine.source.errors import BookError

CONTENT = {"blocks": [{"stdout": "é 数\r\n\u2028", "value": None, "figures": ["<svg/>"]}], "values": [[1, "x", "2"]]}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / ".cache" / "book"


@pytest.fixture
def cache(folder):
    return Cache(folder)


def entry(cache, key="k"):
    """The one file of an entry."""
    file, = (file for file in cache.folder.iterdir() if key in file.name)
    return file


def test_round_trip(cache):
    assert cache.get("k") is None
    cache.put("k", CONTENT)
    assert cache.get("k") == CONTENT
    assert Cache(cache.folder.parent).get("k") == CONTENT


def test_overwrite(cache):
    cache.put("k", 1)
    cache.put("k", 2)
    assert cache.get("k") == 2


def test_get_makes_no_folder(cache, folder):
    cache.get("k")
    assert not folder.exists()


def test_version_in_the_path(cache, monkeypatch):
    """Another version of the files' form looks elsewhere."""
    cache.put("k", 1)
    monkeypatch.setattr(module, "VERSION", VERSION + 1)
    assert Cache(cache.folder.parent).get("k") is None


@pytest.mark.parametrize("damage", [
    lambda data: b"",
    lambda data: data[: len(data) // 2],
    lambda data: data[:-1],
    lambda data: data + b"x",
    lambda data: data.replace(b"svg", b"sVg"),
    lambda data: b"\xff" + data,
    lambda data: data[70:],
    lambda data: b"\0" * len(data),
    lambda data: b"{}",
    lambda data: b"null\nnull",
], ids=["empty", "half", "one byte short", "longer", "changed", "not UTF-8", "no checksum", "zeros", "JSON", "null"])
def test_damaged_entry_counts_as_missing_and_is_rewritten(cache, damage):
    cache.put("k", CONTENT)
    file = entry(cache)
    file.write_bytes(damage(file.read_bytes()))
    assert cache.get("k") is None
    cache.put("k", CONTENT)
    assert cache.get("k") == CONTENT


def test_a_folder_in_place_of_an_entry(cache):
    cache.put("k", 1)
    file = entry(cache)
    file.unlink()
    file.mkdir()
    assert cache.get("k") is None


def test_a_reader_never_sees_half(cache):
    """One thread rewrites the entry over and over, the other reads it: each time whole, old or new."""
    contents = ["a" * 200_000, "b" * 200_000]
    cache.put("k", contents[0])
    stop = threading.Event()

    def rewrite():
        while not stop.is_set():
            for content in contents:
                cache.put("k", content)

    writer = threading.Thread(target=rewrite)
    writer.start()
    try:
        assert all(cache.get("k") in contents for _ in range(200))
    finally:
        stop.set()
        writer.join()


@pytest.mark.parametrize("step", ["replace", "fdopen"])
def test_failed_write_leaves_nothing(cache, monkeypatch, step):
    """A full disk, at whatever moment: an error with a way out, the old entry whole, no scraps."""
    cache.put("k", 1)

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(BookError, match="No space left on device.*BOOK_CACHE=off"):
        cache.put("k", 2)
    monkeypatch.undo()
    assert cache.get("k") == 1
    assert list(cache.folder.iterdir()) == [entry(cache)]


def test_interrupted_write_leaves_nothing(cache, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cache.put("k", 1)
    monkeypatch.undo()
    assert list(cache.folder.iterdir()) == []


@pytest.mark.parametrize("where", [".cache", ".cache/book"])
def test_a_file_where_the_folder_should_be(tmp_path, where):
    """Stands for a cache that cannot be written, also for root, whom no permission stops."""
    blocked = tmp_path / where
    blocked.parent.mkdir(exist_ok=True)
    blocked.write_text("not a folder")
    cache = Cache(tmp_path / ".cache" / "book")
    assert cache.get("k") is None
    with pytest.raises(BookError, match="cannot be written.*BOOK_CACHE=off") as caught:
        cache.put("k", 1)
    assert ".cache" in caught.value.path
    assert blocked.read_text() == "not a folder"


def test_read_only_cache(cache, monkeypatch):
    """Read all the same, also when the use cannot be noted; writing says what to do."""
    cache.put("k", 1)
    old = time.time() - 2 * FRESH
    os.utime(entry(cache), (old, old))

    def read_only(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    for owner, name in [(os, "utime"), (os, "replace"), (os, "open"), (module.tempfile, "mkstemp")]:
        monkeypatch.setattr(owner, name, read_only)
    assert cache.get("k") == 1
    with pytest.raises(BookError, match="cannot be written.*BOOK_CACHE=off"):
        cache.put("j", 2)


def test_switched_off(folder):
    cache = Cache(folder, enabled=False)
    cache.put("k", 1)
    assert cache.get("k") is None and not folder.exists()


@pytest.mark.parametrize(("value", "off"), [("off", True), ("OFF", True), ("0", True), ("no", True), ("false", True),
                                            ("", False), ("on", False), ("1", False)])
def test_switch(monkeypatch, value, off):
    monkeypatch.setenv("BOOK_CACHE", value)
    assert switched_off() is off


def test_prune_keeps_what_was_used_within_30_days(cache, folder):
    assert KEEP == 30 * 24 * 3600
    cache.put("used", 1)
    cache.put("idle", 2)
    now = time.time()
    os.utime(entry(cache, "used"), (now, now - KEEP + 60))
    os.utime(entry(cache, "idle"), (now, now - KEEP - 60))
    cache.get("used")
    assert prune(folder) == 1
    assert cache.get("used") == 1 and cache.get("idle") is None
    assert prune(folder, now + KEEP - 60) == 0, "the use was noted"
    assert prune(folder, now + KEEP + 60) == 1


def test_a_use_is_noted_once_a_day(cache):
    """A build that runs nothing writes nothing, as a rule."""
    cache.put("k", 1)
    before = time.time() - FRESH / 2
    os.utime(entry(cache), (before, before))
    cache.get("k")
    assert entry(cache).stat().st_mtime == pytest.approx(before, abs=1)
    os.utime(entry(cache), (before, before - FRESH))
    cache.get("k")
    assert entry(cache).stat().st_mtime > before


def test_prune_takes_half_written_files_and_other_versions(folder):
    old = time.time() - KEEP - 60
    for name in ("v0/k.json", f"v{VERSION}/new-abc.tmp"):
        file = folder / name
        file.parent.mkdir(parents=True)
        file.write_text("x")
        os.utime(file, (old, old))
    assert prune(folder) == 2


def test_prune_without_a_cache(tmp_path):
    assert prune(tmp_path / "nothing") == 0
    (tmp_path / "file").write_text("x")
    assert prune(tmp_path / "file") == 0


def test_digest():
    """The same in every process and folder, different for different content."""
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert digest(["ab", "c"]) != digest(["a", "bc"])
    assert digest("数") == "44ea2334713829ac091a26abb243bee3dcacd48d30cb20065e5e7818ee47ee19"
