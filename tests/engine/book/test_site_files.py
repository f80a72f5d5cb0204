"""A zip of given files, the same in every build."""

from __future__ import annotations

import io
import time
import zipfile

from book_engine.book.site_files import zipped

FILES = {"zh/02-b.ipynb": "数".encode() * 1000, "zh/01-a.ipynb": b""}


def test_holds_the_files_in_order():
    with zipfile.ZipFile(io.BytesIO(zipped(FILES))) as archive:
        assert archive.testzip() is None
        assert [(entry.filename, archive.read(entry)) for entry in archive.infolist()] == list(FILES.items())


def test_is_packed():
    assert len(zipped(FILES)) < 1000


def test_the_same_at_any_time_and_on_any_system(monkeypatch):
    one = zipped(FILES)
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    monkeypatch.setattr(zipfile.sys, "platform", "win32")
    assert zipped(FILES) == one


def test_readable_when_unpacked():
    with zipfile.ZipFile(io.BytesIO(zipped(FILES))) as archive:
        assert {entry.external_attr >> 16 & 0o777 for entry in archive.infolist()} == {0o644}
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
