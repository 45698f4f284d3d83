"""`livingdrug compile`: compile models before they are needed, so that the first run starts at once."""

from __future__ import annotations

import time

__all__ = ["compile_"]


def compile_(*models: str) -> None:
    """Compile models and keep the result for every later run; what was compiled before is left alone.

    Parameters
    ----------
    models
        Names of the library or files; without them, what `livingdrug simulate` needs.
    """
    from livingdrug.biology.compile import is_cached
    from livingdrug.biology.method import chosen_method
    from livingdrug.biology.models import load
    from livingdrug.biology.solve import solve
    from livingdrug.simulate.body import METHOD, lean_course

    for model in [load(name) for name in models] or [lean_course()]:
        method = chosen_method(model) if models else METHOD
        if is_cached(model, method):
            print(f"{model.name}: compiled before")
            continue
        began = time.perf_counter()
        print(f"{model.name}: compiling, about half a minute …", flush=True)
        solve(model, days=1, method=method)
        print(f"{model.name}: compiled in {time.perf_counter() - began:.0f} s")
