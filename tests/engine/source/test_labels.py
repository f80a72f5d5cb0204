"""Equation numbers: order, code passed over, and every way a label can be wrong."""

from __future__ import annotations

import pytest

from book_engine.source.errors import BookError
from book_engine.source.labels import collect_labels
from book_engine.source.scan import scan

LOSS = r"""---
description: Losses \label{front-matter}
---
# Loss {#loss}

$$
L = 1 \label{mae}
$$

```text
$$ \label{fenced} $$
```

Inline `\label{code}` and ``a ` \label{code-2}`` stay out. <!-- \label{comment} -->

/// note | Nested
~~~~python
\label{tilde}
~~~
~~~~

$$
L = 2
\label{mse}
$$
///
"""


def test_numbers_follow_the_pages_and_code_is_passed_over():
    labels = collect_labels(
        [("loss", 2, "docs/en/loss.md", LOSS), ("step", 3, "docs/en/step.md", r"$$ x \label{step} $$")]
    )
    assert {name: label.number for name, label in labels.items()} == {
        "mae": "2.1",
        "mse": "2.2",
        "step": "3.1",
    }
    assert (labels["mse"].page, labels["mse"].path, labels["mse"].line) == ("loss", "docs/en/loss.md", 24)
    assert labels["mse"].anchor == "eq-mse"


def test_pages_without_labels_need_no_number():
    assert collect_labels([("index", None, "docs/en/index.md", "# Home\n")]) == {}


@pytest.mark.parametrize(
    ("pages", "place", "words"),
    [
        (
            [("a", 1, "a.md", "$$ x \\label{same} $$\n\n$$ y \\label{same} $$")],
            "a.md:3",
            ["same", "twice", "a.md:1"],
        ),
        (
            [("a", 1, "a.md", "\n$$ x \\label{same} $$"), ("b", 2, "b.md", "$$ y \\label{same} $$")],
            "b.md:1",
            ["same", "twice", "a.md:2"],
        ),
        ([("index", None, "i.md", "\n\n$$ x \\label{home} $$")], "i.md:3", ["home", "chapter number"]),
        ([("a", 1, "a.md", "$$ x \\label{two words} $$")], "a.md:1", ["two words", "anchor"]),
        ([("a", 1, "a.md", "$$ x \\label{} $$")], "a.md:1", ["anchor"]),
    ],
)
def test_bad_labels_name_the_place(pages, place, words):
    with pytest.raises(BookError) as caught:
        collect_labels(pages)
    assert str(caught.value).startswith(place + ":")
    assert all(word in str(caught.value) for word in words)


def test_mask_keeps_length_and_lines():
    masked = scan(LOSS).prose
    assert len(masked) == len(LOSS)
    assert masked.count("\n") == LOSS.count("\n")
    assert "fenced" not in masked and "mae" in masked


def test_an_open_fence_hides_nothing():
    assert "after" in scan("```python\nx = 1\n\nafter\n").prose


def test_text_in_code_is_not_found_first():
    assert scan("`\\eqref{x}`\n\nsee \\eqref{x}\n").line_of(r"\eqref{x}") == 3
    assert scan("`\\eqref{x}`").line_of(r"\eqref{x}") is None
