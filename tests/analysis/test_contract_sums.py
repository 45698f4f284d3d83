"""Payments: whole cents, waived and unbillable apart, and the arithmetic of the label's responders."""

import pytest

from livingdrug.analysis.contract import expected_payment, payments, per_group, settle
from livingdrug.cohort import frame
from tests.synthetic import PRICE, synthetic_cohort


def infused(responding, without, unbillable=0):
    n = responding + without + unbillable
    billed = [PRICE] * (responding + without) + [0] * unbillable
    waived = [0] * responding + [PRICE] * without + [0] * unbillable
    return frame({"patient": range(n), "fate": ["infused"] * n, "billed": billed, "waived": waived})


def test_52_of_63_at_475000_is_392063_per_infused_patient():
    assert expected_payment(52, 63, PRICE) // 100 == 392_063
    assert settle(infused(52, 11)).per_infused == expected_payment(52, 63, PRICE)
    assert expected_payment(61, 75, PRICE) // 100 == 386_333
    assert PRICE - expected_payment(52, 63, PRICE) == pytest.approx(82_937_00, abs=100)  # what the contract is worth


def test_a_settlement_adds_up():
    found = settle(infused(5, 3, 2))
    assert (found.infused, found.paid, found.waived, found.not_billable) == (10, 5, 3, 2)
    assert found.cents_billed - found.cents_waived == found.cents_paid == 5 * PRICE


def test_payments_name_every_infused_patient_with_an_invoice_once():
    cohort = synthetic_cohort(500, seed=2)
    table = payments(cohort)
    assert table["patient"].to_list() == cohort.filter(fate="infused")["patient"].to_list()
    assert (table["billed"] - table["waived"] == table["paid"]).all()
    assert set(table["kind"].unique()) == {"paid", "waived", "not billable"}


def test_hundreds_are_whole_and_of_the_mean():
    cohort = synthetic_cohort(5000, seed=2)
    table = per_group(cohort)
    assert (table["paid"] + table["waived"] + table["not_billable"] == 100).all()
    assert table.height == payments(cohort).height // 100
    assert table["cents_paid"].mean() == pytest.approx(100 * (settle(cohort).per_infused or 0), rel=0.02)
    with pytest.raises(ValueError, match="above 0"):
        per_group(cohort, 0)


def test_a_share_that_is_none_is_refused():
    with pytest.raises(ValueError, match="is not a share"):
        expected_payment(5, 4, PRICE)


def test_nobody_pays_nothing():
    assert settle(frame({})).per_infused is None
    assert per_group(frame({})).is_empty()
