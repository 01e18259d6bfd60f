"""Profiles of CSV files survive a round trip through JSON, and nothing else is accepted."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.persistence.ledger.csv_profiles import document_of, profile_of
from domain.ledger.hints import CsvColumn, CsvProfile, DateOrder
from domain.ledger.profile_validation import DELIMITERS, validate_profile
from tests.csv_profiles import BODY, CARD

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
OF_DESTINATION = [role for role in CsvColumn if role.startswith("destination")]
AMOUNTS = [
    (CsvColumn.AMOUNT,),
    (CsvColumn.DEBIT, CsvColumn.CREDIT),
    (CsvColumn.AMOUNT, CsvColumn.ACCOUNT, *OF_DESTINATION),
]
OTHERS = sorted(set(CsvColumn) - {CsvColumn.BOOKING_DATE, *AMOUNTS[1], *AMOUNTS[2]})


@st.composite
def columns(draw: st.DrawFn) -> dict[CsvColumn, int]:
    roles = [CsvColumn.BOOKING_DATE, *draw(st.sampled_from(AMOUNTS))]
    roles += draw(st.lists(st.sampled_from(OTHERS), unique=True))
    indexes = st.lists(st.integers(0, 499), unique=True, min_size=len(roles), max_size=len(roles))
    return dict(zip(roles, draw(indexes), strict=True))


PROFILES = st.builds(
    CsvProfile,
    delimiter=st.sampled_from(DELIMITERS),
    encoding=st.sampled_from([None, "utf-8", "cp1252", "UTF-16", "mac_roman"]),
    header_rows=st.integers(1, 499),
    header=st.lists(TEXT, max_size=10).map(tuple),
    date_order=st.sampled_from(DateOrder),
    decimal_mark=st.sampled_from(".,"),
    charges_positive=st.booleans(),
    columns=columns(),
)


@given(PROFILES)
def test_a_profile_survives_a_json_round_trip(profile: CsvProfile) -> None:
    assert validate_profile(profile) == ""
    assert profile_of(json.loads(json.dumps(document_of(profile)))) == profile


def test_columns_are_stored_by_name() -> None:
    assert document_of(CARD) == BODY
    assert profile_of(BODY) == CARD


def test_a_field_added_later_may_be_missing() -> None:
    old = {name: value for name, value in BODY.items() if name != "balance_signs"}

    assert profile_of(old) == CARD


@pytest.mark.parametrize(
    "document",
    [
        {},
        {**BODY, "columns": {"booking_date": 0}},
        {**BODY, "columns": {"booking_date": 0, "amount": 1, "mood": 2}},
        {**BODY, "date_order": "sideways"},
        {**BODY, "encoding": "zip"},
    ],
)
def test_a_stored_profile_that_is_invalid_is_a_defect(document: dict[str, object]) -> None:
    with pytest.raises((KeyError, ValueError)):
        profile_of(document)


def test_a_header_given_as_a_list_is_equal() -> None:
    assert profile_of(document_of(replace(CARD, header=list(CARD.header)))) == CARD
