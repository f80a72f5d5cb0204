"""Mends what a machine can mend between twins: ids of headings, order, blocks and their options, formulas."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from ..source.errors import BookError
from ..source.outline import read_outline
from .edits import apply_edits
from .mend_headings import id_edits, in_order
from .mend_parts import part_edits, read_parts


@dataclass
class Mended:
    """Texts of both pages by path, and what was done to them."""

    texts: dict[str, str]
    notes: list[str] = field(default_factory=list)


def mend(leading: tuple[str, str], following: tuple[str, str], snippets: Path) -> Mended:
    """`leading` and `following` are (path, text). The first says what code, formulas and order are; its text changes in
    the ids of its headings alone."""
    (one, _), (two, _) = leading, following
    done = Mended({path: text if text.endswith("\n") else text + "\n" for path, text in (leading, following)})
    outlines = [read_outline(done.texts[path], snippets, path) for path in (one, two)]
    english = next(path for path in (one, two) if path.startswith("docs/en/"))
    for path, edits in zip((one, two), id_edits(*outlines, english), strict=True):
        done.texts[path], notes = apply_edits(done.texts[path], edits, path)
        done.notes += notes
    outlines = [read_outline(done.texts[path], snippets, path) for path in (one, two)]
    done.texts[two], notes = in_order(done.texts[two], *outlines)
    done.notes += notes
    parts = [read_parts(done.texts[path], snippets, path) for path in (one, two)]
    done.texts[two], notes = apply_edits(done.texts[two], list(part_edits(*parts)), two)
    done.notes += notes
    return done


def leading_language(root: Path, paths: dict[str, str]) -> str:
    """The language of the one page, of these by language, that differs from what is committed."""
    try:
        said = subprocess.run(["git", "status", "--porcelain", "--", *paths.values()], cwd=root, text=True,
                              encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=30).stdout
    except OSError:  # no git
        said = ""
    changed = [language for language, path in paths.items() if path in said]
    if len(changed) != 1:
        found = "both pages have changed" if changed else "neither page has changed"
        raise BookError(f"{found} since the last commit; say which one leads: --from {' or --from '.join(paths)}",
                        path=next(iter(paths.values())))
    return changed[0]
