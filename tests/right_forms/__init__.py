"""Right ways to write each specification, from libraries and from sources: none may fail; a remark is allowed.

One file a family. A form is a plain function, named for what it is; it joins the pool by `@form`. A few seeds are tried by the tests, many by

    python -m tests.right_forms --seeds 50 [--spec NAME]
"""
