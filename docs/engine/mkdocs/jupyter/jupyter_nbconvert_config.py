"""nbconvert's configuration while it converts a lab, in place of the reader's own (engine/mkdocs/labs.py)."""

c = get_config()  # noqa: F821 - nbconvert gives it
c.HTMLExporter.default_preprocessors = ["book_engine.mkdocs.lab_execution.BookExecution"]
c.MarkdownExporter.default_preprocessors = []
