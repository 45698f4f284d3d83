"""The library of published models, one per file; a file is imported only when its model is asked for."""

import importlib
import importlib.util
from pathlib import Path

from livingdrug.biology.model import Model
from livingdrug.errors import BadInput, UnknownName

__all__ = ["load", "names"]


def names() -> tuple[str, ...]:
    """The names of the shipped models, in alphabetical order."""
    files = Path(__file__).parent.glob("[a-z]*.py")
    return tuple(sorted(file.stem.replace("_", "-") for file in files))


def load(name: str) -> Model:
    """The model of that name, or of a user's own Python file that ends with `MODEL = declaration.model()`."""
    if name.endswith(".py"):
        return _load_file(Path(name))
    if name not in names():
        raise UnknownName.among("model", name, names())
    module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    return module.MODEL


def _load_file(path: Path) -> Model:
    if not path.is_file():
        raise BadInput.at(str(path), "there is no such model file")
    spec = importlib.util.spec_from_file_location(f"livingdrug_user_model_{path.stem}", path)
    assert spec, "a path that ends in .py has a spec"
    assert spec.loader, "a path that ends in .py always has a loader"
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BadInput:
        raise
    except Exception as error:
        raise BadInput.at(str(path), f"the file cannot be run: {type(error).__name__}: {error}") from error
    model = getattr(module, "MODEL", None)
    if not isinstance(model, Model):
        raise BadInput.at(str(path), "the file does not end with MODEL = declaration.model()")
    return model
