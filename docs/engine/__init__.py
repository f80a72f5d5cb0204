"""The engine that builds the book: it runs the code of the pages and puts what came out beside it.

Rooms from the bottom up; each imports only what stands above it in this list (checked by import-linter):

source      files → pages, by one scanner: fences, options, expressions, formulas, headings, blocks, front matter
run         pages → results, by processes of their own, kept by content
formulas    LaTeX → MathML, its identifiers, the font
figures     matplotlib's SVG → the page's SVG, or a picture
reference   docs/data → symbols, terms, works, topics, and what each page uses of them
markdown    page and results → HTML: the Python-Markdown extension
notebook    page and results → Jupyter notebook
book        all pages and data of the book on disk → what is to be run and built; the extension by its name
publish     built site → PDFs and offline copies
author      pages → faults of twins and house rules; a new chapter; the program `book`
mkdocs      the MkDocs plugin: both languages, search, serve

pytest_plugin stands beside them: pages → tests.
"""
