"""The hand-written part of every kernel, compiled anew for each model with that model's shape and generated functions.

`compile.py` writes one file per model and method: the constants that `shape.py` stands in for, the functions that `emit.py`
prints, then the text of one method (`rosenbrock.py` or `tsitouras.py`), of `summaries.py` and of `driver.py`. The modules
here are ordinary Python, so that they can be read, linted and imported.
"""
