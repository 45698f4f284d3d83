"""One kernel per model and method: source written to a file named after its content, compiled by Numba, kept on disk.

The file is ordinary Python: constants, the functions `emit.py` prints, and the text of `kernels/`. A second process finds
both the file and Numba's machine code beside it, so it starts in a fraction of a second.
"""

import hashlib
import importlib.util
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numba
import numpy as np

from livingdrug.biology.cache import cache_folder
from livingdrug.biology.emit import LANES, Layout, functions, layout
from livingdrug.biology.lower import Lowered, lower
from livingdrug.biology.model import Model

__all__ = ["METHODS", "Kernel", "fingerprint", "is_cached", "kernel", "source"]

METHODS = {"rosenbrock": "rosenbrock.py", "tsitouras": "tsitouras.py"}
HERE = Path(__file__).parent
GENERATORS = ("lower.py", "emit.py", "compile.py", "elementary.py", "model.py")


@dataclass(frozen=True)
class Kernel:
    """A compiled model: `run` is described in `kernels/driver.py`."""

    run: Callable[..., None]
    path: Path


def kernel(model: Model, method: str) -> Kernel:
    """The kernel of a model for "rosenbrock" or "tsitouras", from disk when it was compiled before."""
    return _kernel(model, method, cache_folder())


@cache
def _kernel(model: Model, method: str, folder: Path) -> Kernel:
    name = _file_name(model, method)
    path = folder / f"{name}.py"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(source(model, method))
        draft.replace(path)  # whole or not at all, so that two processes can start at once
    spec = importlib.util.spec_from_file_location(f"livingdrug_kernel_{name}", path)
    assert spec, "a path that ends in .py has a spec"
    assert spec.loader, "a path that ends in .py always has a loader"
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module  # Numba looks the module up when it stores what it compiled
    spec.loader.exec_module(module)
    return Kernel(module.run, path)


def _file_name(model: Model, method: str) -> str:
    readable = re.sub(r"[^a-z0-9]+", "_", model.name.lower()).strip("_")
    return f"{readable}_{method}_{fingerprint(model, method)}"


def fingerprint(model: Model, method: str) -> str:
    """A digest of everything the kernel's text depends on: equations, names, generator, LANES and Numba's version."""
    digest = hashlib.blake2b(digest_size=10)
    # Values, sources and descriptions are run-time data or prose: changing them must not recompile.
    shape = (
        model.parameter_names,
        [(s.name, s.initial, s.rate, s.signed) for s in model.states],
        [(d.name, d.expression) for d in (*model.definitions, *model.observables)],
        [(d.state, d.amount, d.at) for d in model.doses],
        [(t.guard, t.sets, t.after, t.times) for t in model.triggers],
        [(e.state, e.below) for e in model.extinctions],
        model.states_observed,
    )
    digest.update(repr((shape, method, numba.__version__, np.__version__, sys.version_info[:2])).encode())
    digest.update(_generator_text())
    return digest.hexdigest()


@cache
def _generator_text() -> bytes:
    files = [HERE / name for name in GENERATORS] + sorted((HERE / "kernels").glob("*.py"))
    return b"".join(file.read_bytes() for file in files)


def source(model: Model, method: str) -> str:
    """The kernel's Python source."""
    lowered = lower(model)
    rows = layout(lowered)
    texts = [_body(name) for name in (METHODS[method], "summaries.py", "driver.py")]
    return "\n\n\n".join([_header(model, method, lowered, rows), functions(lowered, rows), *texts]) + "\n"


def _header(model: Model, method: str, lowered: Lowered, rows: Layout) -> str:
    gamma = re.search(r"^WEIGHTS = \(\s*([0-9.]+)", (HERE / "kernels" / METHODS["rosenbrock"]).read_text(), re.M)
    assert gamma, "rosenbrock.py states its γ as the first of WEIGHTS"
    sizes = {
        "LANES": LANES,
        "STATES": len(lowered.states),
        "PARAMETERS": len(lowered.parameters),
        "OBSERVABLES": len(lowered.observables),
        "BREAKS": len(lowered.breaks),
        "GUARDS": len(lowered.guards),
        "BLOCK": LANES * len(lowered.states),
        "SIZE": rows.size,
        "GAMMA": float(gamma[1]),
        "EXPLICIT": method == "tsitouras",
        "EXTINCTS": (*(guard.state for guard in lowered.guards), -1),
        "LINEAR": tuple(map(lowered.is_linear, lowered.observables)),
        "TOGGLES": (*(guard.kind == "toggle" for guard in lowered.guards), False),
    }
    constants = "\n".join(f"{name} = {value!r}" for name, value in {**sizes, **rows.first}.items())
    return f'''"""{model.title}: kernel for the method {method}, written by livingdrug; edits are lost."""

import math

import numba
import numpy as np

from livingdrug.biology.elementary import FUSED, exp, log, power

{constants}

# Nothing below but run allocates, so its functions need no reference counts: two atomic operations less per array and call.
compiled = numba.njit(
    error_model="numpy", fastmath=FUSED, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False
)
entry = numba.njit(error_model="numpy", fastmath=FUSED, nogil=True, cache=True)


@numba.njit(forceinline=True, error_model="numpy", fastmath=FUSED)
def square(x):
    return x*x'''


def _body(name: str) -> str:
    """The text of a file of `kernels/` after its docstring and imports, which the header replaces."""
    text = (HERE / "kernels" / name).read_text()
    text = re.sub(r'\A""".*?"""\n', "", text, flags=re.S)
    text = re.sub(r"^from livingdrug[^\n]*import \(.*?^\)\n", "", text, flags=re.S | re.M)
    return re.sub(r"^(from|import) [^\n]*\n", "", text, flags=re.M).strip()


def is_cached(model: Model, method: str) -> bool:
    """Whether this model was compiled before, so that solving it starts at once."""
    return any(cache_folder().glob(f"__pycache__/{_file_name(model, method)}.run-*.nbi"))
