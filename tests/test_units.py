"""Units: what is read, what is converted exactly, and what is refused with a sentence."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingdrug.errors import UnitError
from livingdrug.units import _SYMBOLS, Quantity, convert, factor, parse, same_dimension

# The units that therapies, networks and models are written in.
OURS = """1 day hour minute week month year 1/day cells cells/kg cells/uL copies/ug_DNA pg/mL ng/mL ug/mL mg/L mg g kg L
L/day mL/day mg/day mg/kg mg/m^2 nM M 1/(cell*day) pg/mL/day/cell molecules/cell U/L %""".split()


@pytest.mark.parametrize("unit", OURS)
def test_our_units_are_read_and_convert_into_themselves(unit: str) -> None:
    assert factor(unit, unit) == 1.0
    assert parse(unit).measures


@pytest.mark.parametrize(
    ("value", "start", "end", "expected"),
    [
        (1, "week", "day", 7),
        (1, "year", "month", 12),
        (2, "1/day", "1/hour", 2 / 24),
        (1, "pg/mL", "ng/L", 1),
        (3, "mg/L", "ug/mL", 3),
        (1, "nM", "pmol/mL", 1),
        (1, "cells/uL", "cells/L", 1e6),
        (1, "L", "cm^3", 1000),
        (1, "copies/ug_DNA", "copies/ng_DNA", 1e-3),
        (30, "mg/m^2", "g/m^2", 0.03),
        (50, "%", "1", 0.5),
        (1, "pg/mL/day/cell", "ng/(L*day*cell)", 1),
        (1, "1/(cell*day)", "cell^-1/week", 7),
        (12, "mL/minute", "L/day", 17.28),
    ],
)
def test_known_conversions(value: float, start: str, end: str, expected: float) -> None:
    assert convert(value, start, end) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("spelling", "plain"),
    [
        ("cells/µL", "cells/uL"),
        ("cells/μL", "cells/uL"),
        ("day⁻¹", "1/day"),
        ("cell⁻¹·day⁻¹", "1/(cell*day)"),
        ("mg / m²", "mg/m^2"),
        ("mg×mL⁻¹", "mg/mL"),
        ("copies/µg_DNA", "copies/ug_DNA"),
        ("cell/kg", "cells/kg"),
        ("day**-1", "1/day"),
    ],
)
def test_other_spellings_mean_the_same_unit(spelling: str, plain: str) -> None:
    assert parse(spelling) == parse(plain)


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [
        (
            "cells",
            "copies/ug_DNA",
            "cells measures a count of cells, copies/ug_DNA measures transgene copies per DNA mass: "
            "no factor converts one into the other",
        ),
        ("ug", "ug_DNA", "ug measures mass, ug_DNA measures DNA mass"),
        ("mg/L", "nM", "mg/L measures mass per volume, nM measures amount of substance per volume"),
        ("mg/kg", "1", "mg/kg measures mass per body weight, 1 measures a plain number"),
        ("1/day", "day", "1/day measures a number per time, day measures time"),
        ("cells", "copies", "cells measures a count of cells, copies measures transgene copies"),
        ("m^4", "m^2", "m^4 measures length to the power 4, m^2 measures area"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(start: str, end: str, sentence: str) -> None:
    with pytest.raises(UnitError) as refused:
        convert(1.0, start, end)
    assert str(refused.value).startswith(sentence)
    assert not same_dimension(start, end)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "a symbol is missing"),
        ("mg/", "a symbol is missing"),
        ("dya", "no symbol 'dya'; nearest: day"),
        ("Mg", "no symbol 'Mg'"),
        ("1e6 cells", "write the factor 1e6 into the value"),
        ("2/day", "write the factor 2 into the value"),
        ("1/(cell*day", "a closing parenthesis is missing"),
        ("mg)", "')' was not expected here"),
        ("mg mL", "'mL' was not expected here"),
        ("day^x", "an exponent is a whole number"),
        ("day^99", "an exponent is at most 9"),
        ("day?", "'?' was not expected here"),
        ("*day", "'*' was not expected here"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(UnitError) as refused:
        parse(text)
    assert str(refused.value).startswith(f"{text!r} is not a unit: {says}")


def test_kilograms_are_body_weight_only_below_the_line() -> None:
    assert same_dimension("kg", "g")
    assert not same_dimension("mg/kg", "mg/g")
    assert same_dimension("cells/kg", "cells*kg^-1")
    assert same_dimension("L/(kg*day)", "mL/kg/hour")
    assert same_dimension("1/(1/kg)", "g")


atoms = st.sampled_from(sorted(_SYMBOLS))
units = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds("({}*{})".format, inner, inner),
        st.builds("({}/{})".format, inner, inner),
        st.builds("({})^{}".format, inner, st.integers(-2, 2)),
    ),
    max_leaves=4,
)


@given(a=atoms, b=atoms, value=st.floats(-1e12, 1e12))
def test_a_conversion_goes_there_and_back_or_is_refused_both_ways(a: str, b: str, value: float) -> None:
    if same_dimension(a, b):
        assert convert(convert(value, a, b), b, a) == pytest.approx(value, rel=1e-15, abs=0)
    else:
        for start, end in [(a, b), (b, a)]:
            with pytest.raises(UnitError, match="no factor converts"):
                convert(value, start, end)


@given(a=units, b=units)
def test_factors_multiply_as_units_do(a: str, b: str) -> None:
    product, separate = parse(f"({a})*({b})"), parse(a) * parse(b)
    assert product == separate
    assert parse(f"({a})*({b})") == parse(f"({b})*({a})")


@given(a=atoms)
def test_a_unit_over_itself_is_a_plain_number(a: str) -> None:
    if a != "kg":  # below the line kg is body weight
        assert parse(f"{a}/{a}") == parse("1")


def test_an_array_is_converted_and_an_equal_unit_keeps_the_value_itself() -> None:
    numpy = pytest.importorskip("numpy")
    days = numpy.array([1.0, 2.0])
    assert convert(days, "day", "hour").tolist() == [24.0, 48.0]
    assert convert(days, "day", "d") is days


def test_a_quantity_knows_its_unit_and_keeps_its_source() -> None:
    dose = Quantity(0.2e6, "cells/kg", source="label, section 2.2", about="lowest dose")
    assert str(dose) == "200000 cells/kg"
    assert str(Quantity(0.5, "1")) == "0.5"
    assert Quantity(2, "week", "a paper").to("day") == Quantity(14, "day", "a paper")


def test_a_quantity_refuses_an_unknown_unit_and_a_number_that_is_none() -> None:
    with pytest.raises(UnitError, match="nearest: days, day"):
        Quantity(1, "dayss")
    with pytest.raises(ValueError, match="finite"):
        Quantity(math.nan, "day")
