"""What the values in the data files may be: small checks that say what is wrong with a value, or None."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..source.snippets import nearest

LANGUAGES = ("zh", "en")

Check = Callable[[object], str | None]


@dataclass(frozen=True)
class Schema:
    """What the entries of one file hold. `ids`: the form of an id."""

    required: Mapping[str, Check]
    optional: Mapping[str, Check] = field(default_factory=dict)
    ids: re.Pattern[str] = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
    id_form: str = "small letters, digits and hyphens"


def text(value: object) -> str | None:
    return None if isinstance(value, str) and value.strip() else f"found {value!r}, expected a text"


def texts(value: object) -> str | None:
    good = isinstance(value, list) and value and not any(text(item) for item in value)
    return None if good else f"found {value!r}, expected a list of texts"


def integer(value: object) -> str | None:
    return None if isinstance(value, int) and not isinstance(value, bool) else f"found {value!r}, expected a number"


def choice(allowed: Sequence[str]) -> Check:
    def check(value: object) -> str | None:
        return None if value in allowed else f"found {value!r}. {nearest(str(value), allowed)}"
    return check


def choices(allowed: Sequence[str]) -> Check:
    def check(value: object) -> str | None:
        found = value if isinstance(value, list) else [value]
        return next((fault for item in found if (fault := choice(allowed)(item))), None)
    return check


def both(check: Check = text) -> Check:
    """A value in each language: `key.zh = …` and `key.en = …`."""

    def check_both(value: object) -> str | None:
        if not isinstance(value, dict) or set(value) != set(LANGUAGES):
            found = ", ".join(value) if isinstance(value, dict) else repr(value)
            return f"found {found}, expected it in both languages, .zh and .en"
        return next((f".{language}: {fault}" for language in LANGUAGES if (fault := check(value[language]))), None)
    return check_both


def some(check: Check = texts) -> Check:
    """A value in some language: `key.zh = …`, `key.en = …` or both."""

    def check_some(value: object) -> str | None:
        if not isinstance(value, dict) or not value or set(value) - set(LANGUAGES):
            return f"found {value!r}, expected .zh or .en"
        return next((f".{language}: {fault}" for language, item in value.items() if (fault := check(item))), None)
    return check_some


def mapping(value: object) -> str | None:
    good = isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    return None if good else f"found {value!r}, expected {{ letter = \"row\" }}"


def either(*checks: Check) -> Check:
    def check(value: object) -> str | None:
        faults = [check(value) for check in checks]
        return None if None in faults else faults[0]
    return check
