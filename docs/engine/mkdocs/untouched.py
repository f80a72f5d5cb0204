"""Under `mkdocs serve`: a language that would come out as it stands is set aside and put back, not built again.

MkDocs empties the site at each build, between `set_aside` and `put_back`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..source.files import Stamps, stamps
from .language import Report, Task

SHARED = ("docs/assets", "docs/overrides", "snippets", "mkdocs.yml")  # what both languages are made of, beside the task


@dataclass
class Untouched:
    """What each language was last built from."""

    built: dict[str, tuple[Task, Stamps, Report]] = field(default_factory=dict)
    stamps: dict[str, Stamps] = field(default_factory=dict)  # of the build that goes on

    def set_aside(self, tasks: Mapping[str, Task], site: Path) -> dict[str, Report]:
        """The reports of the languages that need no build; their folders are out of the site's way."""
        self.stamps = {language: stamps(task.root, f"docs/{language}", *SHARED) for language, task in tasks.items()}
        before, self.built = self.built, {}
        found = {}
        for language, task in tasks.items():
            old_task, old_stamps, report = before.get(language, (None, None, None))
            if report and old_task == task and old_stamps == self.stamps[language] and (site / language).is_dir():
                shutil.rmtree(_aside(site, language), ignore_errors=True)  # of a build that failed
                os.replace(site / language, _aside(site, language))
                found[language] = report
        return found

    def put_back(self, language: str, site: Path) -> None:
        os.replace(_aside(site, language), site / language)

    def note(self, language: str, task: Task, report: Report) -> None:
        """That a language has been built, or put back."""
        self.built[language] = task, self.stamps[language], report


def _aside(site: Path, language: str) -> Path:
    return site.with_name(f"{site.name}-{language}")
