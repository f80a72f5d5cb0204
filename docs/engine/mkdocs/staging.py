"""A site appears whole or not at all: it is built beside its place and moved there when it is finished."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
import uuid
from pathlib import Path

PREFIX = ".site-"
LEFT_OVER = 24 * 3600  # seconds after which a folder of a build that was killed is removed
ATTEMPTS = 50  # at moving a finished site to its place, while another build does the same


def new_folder(target: Path) -> Path:
    """An empty folder beside the target, on the same file system, with the permissions that the target would have."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # another build may be removing it
            if time.time() - left.stat().st_mtime > LEFT_OVER:
                shutil.rmtree(left)
    folder = target.parent / f"{PREFIX}{uuid.uuid4().hex}"
    folder.mkdir()
    return folder


def publish(folder: Path, target: Path) -> None:
    """Puts the finished site in its place; what was there goes, but for names that start with a dot (`.git`,
    `.well-known`), which MkDocs leaves alone too. Of two builds at once, the later one stays."""
    replaced: list[Path] = []
    for attempt in range(ATTEMPTS):
        old = folder.with_name(f"{folder.name}-old{attempt}")
        with contextlib.suppress(FileNotFoundError):
            os.replace(target, old)
            replaced.append(old)
        try:
            os.replace(folder, target)
            break
        except OSError:  # another build has put its site there in between
            if attempt == ATTEMPTS - 1:
                if replaced and not target.exists():
                    os.replace(replaced[-1], target)
                raise
    for old in replaced:
        for entry in old.glob(".*"):
            if not (target / entry.name).exists():
                os.replace(entry, target / entry.name)
        shutil.rmtree(old, ignore_errors=True)


def discard(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
