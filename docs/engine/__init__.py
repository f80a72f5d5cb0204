"""The engine that builds the book: it runs the code of the pages and puts what came out beside it.

Rooms from the bottom up; each imports only what stands above it in this list (checked by import-linter):

source      files → pages, by one scanner: fences, expressions, questions, formulas, headings, labels; front matter
run         pages → results, by processes of their own; the cache, in which every room keeps by content what it makes
formulas    LaTeX → MathML, its identifiers, what a notebook writes instead, the font
figures     matplotlib's SVG → the page's SVG, or a picture
reference   docs/data → symbols, terms, works, topics, questions, errata, as pages show them; which pages use what
markdown    page and results → HTML: the Python-Markdown extension
notebook    page and results → Jupyter notebook
book        the book on disk → its pages read and run, and its files beside the pages: notebooks, figures that move,
            pictures for other sites, Python for the reader's browser; the extension by its name
publish     the book → site, PDFs and offline copies
author      pages → faults of twins and house rules; a new chapter; the program `book`
mkdocs      the MkDocs plugin: both languages, labs, search, serve

pytest_plugin stands beside them: pages → tests.
"""
