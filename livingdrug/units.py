"""A number with its unit and source, and conversions that refuse nonsense; standard library only.

A unit is a product of powers of the symbols below: `cells/kg`, `copies/ug_DNA`, `1/(cell*day)`, `pg/mL/day/cell`,
`mg/m^2`. `/` binds as in a program, so `a/b*c` is `(a/b)*c`. On input `µ`, `μ`, `·`, `⋅`, `×` and `⁻¹` are read too.

Four conventions of this field, each a deliberate refusal to convert:

* cells, transgene copies and molecules are counts of different things;
* DNA mass (`ug_DNA`) is not the mass of a drug or a protein;
* mass is not amount of substance: `mg/L` and `nM` need a molar mass, which is a parameter of a model, not a unit;
* below a fraction line `kg` is body weight, so `mg/kg` is a dose per body weight and never the number 1e-6.

A week is 7 days, a year 365.25 days (the Julian year), a month a twelfth of that: 30.4375 days.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar

from livingdrug.errors import Complaint, UnitError, UnknownName

__all__ = ["Quantity", "Unit", "convert", "factor", "parse", "same_dimension"]

Number = TypeVar("Number")

# What can be measured, in the order in which a compound is described: numerators and denominators read in this order.
DIMENSIONS = {
    "cell": "a count of cells",
    "copy": "transgene copies",
    "molecule": "a count of molecules",
    "amount": "amount of substance",
    "mass": "mass",
    "length": "length",
    "activity": "enzyme or biological activity",
    "dna": "DNA mass",
    "body": "body weight",
    "time": "time",
}
# Where a word for a power exists, it is used.
_POWERS = {("length", 3): "volume", ("length", 2): "area"}

_PREFIXES = {
    "p": Fraction(1, 10**12),
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 10**3),
    "c": Fraction(1, 10**2),
    "d": Fraction(1, 10),
    "": Fraction(1),
    "k": Fraction(10**3),
}


@dataclass(frozen=True)
class Unit:
    """A unit as its scale in base units (exact) and the powers of its dimensions.

    `powers` are (dimension, nonzero integer) pairs sorted by dimension, so that equal units compare equal.
    """

    scale: Fraction
    powers: tuple[tuple[str, int], ...] = ()

    def __mul__(self, other: Unit) -> Unit:
        powers = dict(self.powers)
        for dimension, power in other.powers:
            powers[dimension] = powers.get(dimension, 0) + power
        return Unit(self.scale * other.scale, tuple(sorted((d, p) for d, p in powers.items() if p)))

    def __pow__(self, exponent: int) -> Unit:
        return Unit(self.scale**exponent, tuple((d, p * exponent) for d, p in self.powers if exponent))

    @property
    def measures(self) -> str:
        """What the unit measures, in words: "transgene copies per DNA mass"."""
        powers = sorted(self.powers, key=lambda each: list(DIMENSIONS).index(each[0]))
        above = " times ".join(_in_words(d, p) for d, p in powers if p > 0)
        below = "".join(f" per {_in_words(d, -p, below=True)}" for d, p in powers if p < 0)
        return f"{above}{below}" if above else f"a number{below}" if below else "a plain number"


@dataclass(frozen=True)
class Quantity:
    """A finite number with its unit, where it was published (`source`), and what it is (`about`).

    Raises `UnitError` for a unit that cannot be read, `ValueError` for a number that is not finite.
    """

    value: float
    unit: str
    source: str = ""
    about: str = ""

    def __post_init__(self) -> None:
        parse(self.unit)
        if not math.isfinite(self.value):
            raise ValueError(f"a quantity needs a finite number, not {self.value!r}")

    def __str__(self) -> str:
        return f"{self.value:g}" if self.unit == "1" else f"{self.value:g} {self.unit}"

    def to(self, unit: str) -> Quantity:
        """The same quantity in another `unit`; raises `UnitError` when that measures something else."""
        return Quantity(convert(self.value, self.unit, unit), unit, self.source, self.about)


def convert(value: Number, from_unit: str, to_unit: str) -> Number:
    """`value` (a number or an array, in `from_unit`) expressed in `to_unit`; raises `UnitError`."""
    by = factor(from_unit, to_unit)
    # An equal unit returns the value itself: no copy of a large array, no integer turned into a float.
    return value if by == 1.0 else value * by  # type: ignore[operator]


def factor(from_unit: str, to_unit: str) -> float:
    """The number that one `from_unit` is in `to_unit`s, correctly rounded; raises `UnitError`."""
    start, end = parse(from_unit), parse(to_unit)
    if start.powers != end.powers:
        says = f"{_says(from_unit, start)}, {_says(to_unit, end)}: no factor converts one into the other"
        raise UnitError(Complaint("", says))
    return float(start.scale / end.scale)


def same_dimension(a: str, b: str) -> bool:
    """Whether a factor converts unit `a` into unit `b`; raises `UnitError` for a unit that cannot be read."""
    return parse(a).powers == parse(b).powers


@lru_cache(maxsize=1024)
def parse(unit: str) -> Unit:
    """The unit that a text means; raises `UnitError` with the place of the trouble."""
    tokens = _Tokens(unit, _plain(unit))
    found = _product(tokens, upside_down=False)
    if tokens.next:
        raise tokens.error(f"{tokens.next!r} was not expected here")
    return found


def _says(text: str, unit: Unit) -> str:
    return f"{text} measures {unit.measures}"


def _in_words(dimension: str, power: int, *, below: bool = False) -> str:
    if (dimension, power) in _POWERS:
        return _POWERS[dimension, power]
    word = DIMENSIONS[dimension]
    if below:  # "per cell", not "per a count of cells"
        word = {"cell": "cell", "copy": "transgene copy", "molecule": "molecule"}.get(dimension, word)
    return word if power == 1 else f"{word} to the power {power}"


# Reading ------------------------------------------------------------------------------------------------------------
#
#   product = power (("*" | "/") power)*
#   power   = atom ["^" ["-"] digits]
#   atom    = symbol | "1" | "(" product ")"

_TOKEN = re.compile(r"\s*([A-Za-z_%]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\*\*|[*/^()-]|\S)")
_SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_SPELLINGS = str.maketrans({"µ": "u", "μ": "u", "·": "*", "⋅": "*", "×": "*", "−": "-"})


def _plain(text: str) -> str:
    raised = re.sub("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda found: "^" + found[0].translate(_SUPERSCRIPTS), text)
    return raised.translate(_SPELLINGS).replace("**", "^")


class _Tokens:
    """The tokens of one unit, with one token to look ahead ("" at the end)."""

    def __init__(self, text: str, plain: str) -> None:
        self.text = text
        self._rest = iter([*_TOKEN.findall(plain), ""])
        self.next = next(self._rest)

    def take(self) -> str:
        token, self.next = self.next, next(self._rest, "")
        return token

    def error(self, says: str) -> UnitError:
        return UnitError(Complaint("", f"{self.text!r} is not a unit: {says}"))


def _product(tokens: _Tokens, *, upside_down: bool) -> Unit:
    found = _power(tokens, upside_down=upside_down)
    while tokens.next in ("*", "/"):
        divides = tokens.take() == "/"
        found = found * _power(tokens, upside_down=upside_down ^ divides) ** (-1 if divides else 1)
    return found


def _power(tokens: _Tokens, *, upside_down: bool) -> Unit:
    """One power. `upside_down` tells whether it stands below an odd number of fraction lines."""
    if tokens.next == "(":
        tokens.take()
        found = _product(tokens, upside_down=upside_down)
        if tokens.take() != ")":
            raise tokens.error("a closing parenthesis is missing")
        return found ** _exponent(tokens)
    symbol = tokens.take()
    exponent = _exponent(tokens)
    if symbol == "kg" and (exponent < 0) ^ upside_down:
        symbol = "kg_body"
    return _atom(symbol, tokens) ** exponent


def _exponent(tokens: _Tokens) -> int:
    if tokens.next != "^":
        return 1
    tokens.take()
    digits = tokens.take()
    sign = 1
    if digits == "-":
        sign, digits = -1, tokens.take()
    if not digits.isdecimal():
        raise tokens.error("an exponent is a whole number")
    if int(digits) > 9:
        raise tokens.error("an exponent is at most 9")
    return sign * int(digits)


def _atom(symbol: str, tokens: _Tokens) -> Unit:
    if symbol in _SYMBOLS:
        return _SYMBOLS[symbol]
    if symbol == "1":
        return Unit(Fraction(1))
    if not symbol:
        raise tokens.error("a symbol is missing (a number without a unit has the unit '1')")
    if symbol[0].isdigit():
        raise tokens.error(f"write the factor {symbol} into the value")
    if symbol[0].isalpha():
        raise tokens.error(UnknownName.among("symbol", symbol, _SYMBOLS).complaints[0].says)
    raise tokens.error(f"{symbol!r} was not expected here")


# The symbols --------------------------------------------------------------------------------------------------------


def _base(dimension: str, scale: Fraction | int = 1) -> Unit:
    return Unit(Fraction(scale), ((dimension, 1),))


def _symbols() -> Iterator[tuple[str, Unit]]:
    """Every symbol with its unit. Base units: cell, copy, molecule, mol, g, m, U, g of DNA, kg of body, day."""
    liter = Unit(Fraction(1, 1000), (("length", 3),))
    day = _base("time")
    prefixed = [
        ("g", _base("mass"), ("p", "n", "u", "m", "", "k")),
        ("g_DNA", _base("dna"), ("p", "n", "u", "m", "")),
        ("m", _base("length"), ("n", "u", "m", "c", "")),
        ("L", liter, ("n", "u", "m", "d", "")),
        ("mol", _base("amount"), ("p", "n", "u", "m", "")),
        ("M", _base("amount") * liter**-1, ("p", "n", "u", "m", "")),
        ("U", _base("activity"), ("m", "", "k")),
    ]
    for symbol, unit, prefixes in prefixed:
        for prefix in prefixes:
            yield prefix + symbol, Unit(unit.scale * _PREFIXES[prefix], unit.powers)
    julian_year = Fraction(1461, 4)
    words = {
        "cell": _base("cell"),
        "copy": _base("copy"),
        "molecule": _base("molecule"),
        "second": Unit(Fraction(1, 86400), day.powers),
        "minute": Unit(Fraction(1, 1440), day.powers),
        "hour": Unit(Fraction(1, 24), day.powers),
        "day": day,
        "week": Unit(Fraction(7), day.powers),
        "month": Unit(julian_year / 12, day.powers),
        "year": Unit(julian_year, day.powers),
    }
    for word, unit in words.items():
        yield word, unit
        yield {"copy": "copies"}.get(word, f"{word}s"), unit
    yield from {"s": words["second"], "min": words["minute"], "h": words["hour"], "d": day}.items()
    yield "%", Unit(Fraction(1, 100))
    yield "kg_body", _base("body")


_SYMBOLS = dict(_symbols())
