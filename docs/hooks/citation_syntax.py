"""`[@bridle1990]` and `[@one; @other]`: how a page cites works. The pages and their notebooks read it alike."""

from __future__ import annotations

import re

CITATION = re.compile(r"\[(?P<keys>@[^\]\s;]+(?:; ?@[^\]\s;]+)*)\]")


def keys_of(citation: re.Match[str]) -> list[str]:
    return [key.strip().removeprefix("@") for key in citation["keys"].split(";")]
