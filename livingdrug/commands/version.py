"""`livingdrug version`: version, engine and machine, for bug reports; imports none of what it reports on."""

from __future__ import annotations

import json
import os
import platform
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from livingdrug import __version__
from livingdrug.biology.cache import cache_folder

__all__ = ["facts", "version"]

# What the results of a run depend on, beside our own code.
ENGINE = ("numpy", "numba", "llvmlite", "scipy", "polars")


def version(*, as_json: Annotated[bool, Parameter(name="--json", negative="")] = False) -> None:
    """Print the version, the engine and the machine, for bug reports.

    Parameters
    ----------
    as_json
        Print one JSON object instead of lines.
    """
    print(json.dumps(facts(), indent=2) if as_json else as_lines())


def facts() -> dict[str, str | int]:
    """Name and value of everything a bug report needs, in the order of printing."""
    return {
        "livingdrug": __version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        **{name: _installed(name) for name in ENGINE},
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        **_processor(Path("/proc/cpuinfo")),
        "cores": _usable_cores(),
        "kernel cache": str(cache_folder()),
    }


def as_lines() -> str:
    """The facts as aligned lines; the first says what `livingdrug --version` is asked for."""
    return "\n".join(f"{name:<13} {value}" for name, value in facts().items())


def _installed(name: str) -> str:
    try:
        return installed_version(name)
    except PackageNotFoundError:
        return "not installed"


def _usable_cores() -> int:
    """The cores this process may use, which in a container or on a cluster are fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processor(cpuinfo: Path) -> dict[str, str]:
    """Model and widest vector instructions. Only Linux on x86 tells them without asking the processor."""
    try:
        fields = dict(_fields(cpuinfo.read_text(encoding="utf-8")))
    except OSError:
        fields = {}
    flags = fields.get("flags", "").split()
    width = next((name for flag, name in [("avx512f", "avx512"), ("avx2", "avx2")] if flag in flags), "")
    return {
        "processor": fields.get("model name") or platform.processor() or "unknown",
        "vectors": width or ("neither avx2 nor avx512" if flags else "unknown"),
    }


def _fields(text: str) -> list[tuple[str, str]]:
    lines = (line.partition(":") for line in text.splitlines() if ":" in line)
    return [(name.strip(), value.strip()) for name, _, value in lines]
