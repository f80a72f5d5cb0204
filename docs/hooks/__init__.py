"""The build engine: it runs the code of a page and puts what came out beside it.

Only `site.py` and `entry.py` know MkDocs; everything else works on strings and plain objects.
"""
