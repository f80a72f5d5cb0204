"""`mkdocs serve` with faults in the data: the pages say what is wrong, the server lives on, and the mend works."""

from __future__ import annotations

from serving import Server, alert
from small_data import add_reference


def test_a_fault_of_the_data_is_shown_and_mended(small_site, processes):
    add_reference(small_site)
    small_site.edit("docs/data/questions.toml", "note = ", "nota = ")
    server = Server(small_site, processes)  # starts on broken data
    said = alert(server, "en/questions")
    assert "docs/data/questions.toml:" in said and "unknown key 'nota'" in said and "note" in said
    assert "drawn" in server.page("en/loss"), "the rest of a chapter is shown"
    server.edited("docs/data/questions.toml", "nota = ", "note = ")
    assert not alert(server, "en/questions") and "How steep is a line?" in server.page("en/questions")

    server.edited("docs/data/questions.toml", "loss#first", "loss#frist")  # the terminal names it
    assert "loss#frist" in server.page("en/questions")
    server.edited("docs/data/questions.toml", "loss#frist", "loss#first")

    server.edited("docs/en/loss.md", "\\hat{y} = w x + b", "\\hat{y} = w x + q")
    assert "owns q" in alert(server, "en/loss") and not alert(server, "zh/loss")
    server.edited("docs/en/loss.md", "w x + q", "w x + b")
    assert not alert(server, "en/loss") and "drawn" in server.page("en/loss")
