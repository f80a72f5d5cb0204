"""What a theme is seen to hold: all that MkDocs copies, without the walk through ten thousand icons."""

from __future__ import annotations

import jinja2
from mkdocs.theme import Theme

from book_engine.mkdocs.template_cache import list_what_is_seen


def test_only_what_stands_in_hidden_folders_is_not_listed():
    theme = Theme(name="material")
    every = jinja2.FileSystemLoader(theme.dirs).list_templates()
    list_what_is_seen(theme)
    environment = theme.get_env()
    seen = environment.list_templates()
    assert seen == [name for name in every if not any(part.startswith(".") for part in name.split("/")[:-1])]
    assert len(seen) < len(every) / 10
    icon = next(name for name in every if name.startswith(".icons/") and name.endswith(".svg"))
    assert environment.get_template(icon).render().startswith("<svg"), "what is not listed can be included"
