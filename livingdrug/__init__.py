"""livingdrug: a digital twin of a CAR-T cell-therapy program. Importing it imports nothing heavy."""

__all__ = ["__version__"]

__version__ = "0.1.0"
