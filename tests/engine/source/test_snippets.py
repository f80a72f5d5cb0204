"""Sections of snippet files: where they start and end, and what is said about broken ones."""

from __future__ import annotations

import pytest

from book_engine.source.errors import BookError, nearest
from book_engine.source.snippets import Section, load_section, sections_of

TEXT = """\"\"\"Docstring.\"\"\"
# --8<-- [start:one]
x = 1
# --8<-- [end:one]

outside = True

# --8<-- [start:two]

def f():
    return x

# --8<-- [end:two]
"""


def test_sections():
    found = sections_of(TEXT, "a.py")
    assert found["one"] == Section("a.py", "one", "x = 1\n", 3)
    assert list(found) == ["one", "two"]


def test_first_line_is_where_the_code_stands():
    """Whatever blank lines surround it: the place in a traceback is computed from it."""
    two = sections_of(TEXT, "a.py")["two"]
    lines = TEXT.split("\n")
    for offset, line in enumerate(two.code.rstrip("\n").split("\n")):
        assert lines[two.first_line - 1 + offset] == line


def test_code_ends_with_one_newline():
    assert all(section.code.endswith("\n") and not section.code.endswith("\n\n")
               for section in sections_of(TEXT, "a.py").values())


@pytest.mark.parametrize(("text", "said", "line"), [
    ("# --8<-- [start:a]\nx\n", "no end", 1),
    ("x\n# --8<-- [end:a]\n", "expected a start first", 2),
    ("# --8<-- [start:a]\nx\n# --8<-- [end:b]\n", "expected the end of 'a'", 3),
    ("# --8<-- [start:a]\nx\n# --8<-- [start:b]\ny\n# --8<-- [end:b]\n# --8<-- [end:a]\n", "starts inside 'a'", 3),
    ("# --8<-- [start:a]\nx\n# --8<-- [end:a]\n# --8<-- [start:a]\ny\n# --8<-- [end:a]\n", "twice, first at line 1", 4),
    ("# --8<-- [start:a]\n\n# --8<-- [end:a]\n", "empty", 1),
    ("# --8<-- [begin:a]\nx\n", "cannot be read", 1),
    ("# --8<-- [start:two words]\nx\n", "cannot be read", 1),
    ('--8<-- "b.py:c"\n', "cannot be read", 1),
])
def test_broken_markers(text, said, line):
    with pytest.raises(BookError) as caught:
        sections_of(text, "a.py")
    assert said in caught.value.message
    assert (caught.value.path, caught.value.line) == ("snippets/a.py", line)


@pytest.fixture
def folder(tmp_path):
    snippets = tmp_path / "snippets"
    (snippets / "deep").mkdir(parents=True)
    (snippets / "a.py").write_text(TEXT, "utf-8")
    (snippets / "deep" / "b.py").write_text(TEXT, "utf-8")
    (tmp_path / "secret.py").write_text(TEXT, "utf-8")
    return snippets


def test_load(folder):
    assert load_section(folder, "a.py:one").path == "snippets/a.py"
    assert load_section(folder, "deep/b.py:two").path == "snippets/deep/b.py"


@pytest.mark.parametrize(("reference", "said"), [
    ("a.py", "names no section"),
    ("a.py:", "names no section"),
    ("a.py:three", "Known: one, two."),
    ("a.py:tow", "Did you mean 'two'?"),
    ("aa.py:one", "Did you mean 'a.py'?"),
    ("nothing_like_it.md:one", "Known: a.py, deep/b.py."),
    ("deep:one", "no snippet file"),
    ("../secret.py:one", "outside snippets/"),
    ("deep/../../secret.py:one", "outside snippets/"),
])
def test_not_found(folder, reference, said):
    with pytest.raises(BookError) as caught:
        load_section(folder, reference)
    assert said in caught.value.message
    assert caught.value.path is None, "the page that includes it is the place"


def test_absolute_path(folder):
    with pytest.raises(BookError, match="outside snippets/"):
        load_section(folder, f"{(folder.parent / 'secret.py').as_posix()}:one")


def test_link_out_of_the_folder(folder):
    try:
        (folder / "link.py").symlink_to(folder.parent / "secret.py")
    except OSError:
        pytest.skip("this system lets the user make no links")
    with pytest.raises(BookError, match="outside snippets/"):
        load_section(folder, "link.py:one")


def test_not_utf8(folder):
    (folder / "a.py").write_bytes("# ok\n# é\n".encode("latin-1"))
    with pytest.raises(BookError) as caught:
        load_section(folder, "a.py:one")
    assert (caught.value.path, caught.value.line) == ("snippets/a.py", 2)
    assert "UTF-8" in caught.value.message


def test_windows_line_ends(folder):
    (folder / "a.py").write_bytes(TEXT.replace("\n", "\r\n").encode())
    assert load_section(folder, "a.py:one").code == "x = 1\n"


def test_nearest():
    assert nearest("los", ["loss", "views"]) == "Did you mean 'loss'?"
    assert nearest("zzz", ["b", "a"]) == "Known: a, b."
    assert nearest("zzz", []) == "There is none yet."
    many = nearest("zzz", [f"a{number:03}" for number in range(160)])
    assert many.startswith("None is like it; known: a000, a001, ") and many.endswith(", a019 and 140 more.")
