"""The exception tree: drawn where it is defined, listing every complaint, suggesting the nearest name."""

import doctest
import pickle
import re

import pytest

from livingdrug import errors
from livingdrug.errors import BadInput, Complaint, Complaints, LivingdrugError, UnitError, UnknownName


def test_every_exception_is_in_the_drawing_below_its_parent() -> None:
    drawn = re.finditer(r"^( {4}[ │├└─]*)(\w+) {2}", errors.__doc__ or "", re.MULTILINE)
    column = {found[2]: len(found[1]) for found in drawn}
    exceptions = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Exception)]
    assert {each.__name__ for each in exceptions} == set(column)
    for each in exceptions:
        parent = each.__mro__[1].__name__
        assert each is LivingdrugError or column[parent] == column[each.__name__] - 4


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(errors).failed == 0


def test_the_message_lists_every_complaint_at_once() -> None:
    error = BadInput(Complaint("row 3, column age", "is negative"), Complaint("", "no patients"))
    assert str(error) == "2 complaints:\n  row 3, column age: is negative\n  no patients"


def test_a_single_complaint_is_a_single_line_of_its_own_class() -> None:
    error = UnitError.at("dose", "has no unit")
    assert isinstance(error, UnitError)
    assert str(error) == "dose: has no unit"


def test_bad_input_without_a_complaint_is_a_slip() -> None:
    with pytest.raises(ValueError, match="at least one complaint"):
        BadInput()


@pytest.mark.parametrize(
    ("name", "known", "message"),
    [
        ("stien-2019", ["stein-2019", "liu-2021"], "no model 'stien-2019'; nearest: stein-2019"),
        ("xyz", ["stein-2019", "liu-2021"], "no model 'xyz'; known: liu-2021, stein-2019"),
        ("xyz", [], "no model 'xyz'; none is known"),
        ("zz", [f"m{i:02}" for i in range(12)], "no model 'zz'; known: " + ", ".join(f"m{i:02}" for i in range(10))
         + " and 2 more"),
    ],
)  # fmt: skip
def test_an_unknown_name_suggests_the_nearest(name: str, known: list[str], message: str) -> None:
    assert str(UnknownName.among("model", name, known)) == message


def test_complaints_are_collected_and_raised_once() -> None:
    found = Complaints()
    found.raise_any()
    found.add("dose.min", "is negative")
    found.add_from("dose.max", UnitError.at("", "'mgg' is not a unit"))
    found.add_from("network.toml", BadInput.at("suites", "is empty"))
    with pytest.raises(UnknownName) as caught:
        found.raise_any(UnknownName)
    assert [str(each) for each in caught.value.complaints] == [
        "dose.min: is negative",
        "dose.max: 'mgg' is not a unit",
        "network.toml: suites: is empty",
    ]


def test_an_error_survives_the_way_back_from_another_process() -> None:
    error = UnknownName.among("model", "stien-2019", ["stein-2019"])
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is UnknownName
    assert again.complaints == error.complaints
