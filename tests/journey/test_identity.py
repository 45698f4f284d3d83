"""Identifiers agree with the published examples of their check character, and a typing error is seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingdrug.journey.identity import ALPHABET, chain, check_character, din, why_not_chain, why_not_din, with_check


@pytest.mark.parametrize(
    ("text", "check", "origin"),
    [
        ("G123498654321", "H", "JPAC Red Book, annex 2"),
        ("G123417654321", "A", "ISBT 128 ST-001, appendix"),
        ("A999818123456", "N", "ISBT 128 ST-001, printed label"),
        ("G123489654321", "Y", "python-stdnum, doctest of iso7064.mod_37_2"),
        ("A9990ABC123T0480", "8", "ISBT 128 ST-017, Basic UDI-DI"),
        ("A999920436396", "*", "computed: the character can be an asterisk"),
    ],
)
def test_the_check_character_agrees_with_published_examples(text: str, check: str, origin: str) -> None:
    assert check_character(text) == check, origin


def weighted(text: str) -> str:
    """ISO/IEC 7064 MOD 37-2 in its other form, a weighted sum."""
    total = sum(ALPHABET.index(letter) * 2**place for place, letter in enumerate(reversed(text), 1))
    return ALPHABET[(38 - total) % 37]


@given(st.text(ALPHABET[:36], min_size=1, max_size=20))
def test_the_recursive_form_agrees_with_the_weighted_form(text: str) -> None:
    assert check_character(text) == weighted(text)


DINS = st.builds(din, st.sampled_from(["A9999", "G1234", "W0000"]), st.integers(0, 99), st.integers(0, 999_999))


@given(DINS)
def test_every_single_substitution_and_transposition_changes_the_check_character(number: str) -> None:
    right = check_character(number)
    for place, letter in enumerate(number):
        for other in ALPHABET[:36]:
            if other != letter:
                assert check_character(number[:place] + other + number[place + 1 :]) != right
    for place in range(12):
        a, b = number[place], number[place + 1]
        if a != b:
            assert check_character(number[:place] + b + a + number[place + 2 :]) != right


@given(DINS)
def test_a_number_is_well_formed_with_and_without_its_check_character(number: str) -> None:
    assert why_not_din(number) is None
    assert why_not_din(with_check(number)) is None


@given(
    st.sampled_from(["A9999", "G1234"]), st.integers(2017, 2099), st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", max_size=6)
)
def test_a_chain_is_well_formed(facility: str, year: int, serial: str) -> None:
    made = chain(facility, year, serial)
    assert len(made) == 15
    assert why_not_chain(made) is None
    assert why_not_chain(with_check(made)) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("CHA999925AB0001M", "ends in the check character M, and CHA999925AB0001 has N"),
        ("CHA999925AB001", "has 14 characters, and a chain of identity has 15"),
        ("DIA999925AB0001", "is not built like a chain of identity"),
        ("CHO999925AB0001", "is not built like a chain of identity"),
        ("cha999925ab0001", "is not built like a chain of identity"),
        ("", "has 0 characters"),
    ],
)
def test_a_wrong_chain_gets_a_sentence(text: str, says: str) -> None:
    assert says in (why_not_chain(text) or "")


def test_a_serial_that_does_not_fit_is_a_slip_of_the_program() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        din("A9999", 2018, 1_000_000)
