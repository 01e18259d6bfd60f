"""Saved profiles: what makes one invalid, and their events."""

from dataclasses import replace

import pytest

from domain.ledger.errors import InvalidCsvProfile
from domain.ledger.hints import CsvColumn, CsvProfile
from domain.ledger.profile_validation import validate_profile
from domain.ledger.profiles import SavedProfile
from domain.shared.events import Actor, DomainEvent
from domain.shared.ids import ProfileId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.csv_profiles import CARD, make_saved
from tests.factories import NOON

ADA = UserId(new_id())


def save(name: str = "My card", profile: CsvProfile = CARD) -> object:
    return SavedProfile.save(name, profile, id=ProfileId(new_id()), user_id=ADA, at=NOON)


def with_columns(**columns: int) -> CsvProfile:
    return replace(CARD, columns={CsvColumn(name): at for name, at in columns.items()})


NO_SOURCE = "The profile has a destination, but no column for accounts, or none for amounts."


@pytest.mark.parametrize(
    ("profile", "flaw"),
    [
        (with_columns(amount=1), "The profile has no column for booking dates."),
        (
            with_columns(booking_date=0, debit=1),
            "The profile has no column for amounts, or for debits and credits.",
        ),
        (
            with_columns(booking_date=0, amount=1, debit=2, credit=3),
            "The profile has a column for amounts beside debits or credits: remove one of them.",
        ),
        (with_columns(booking_date=1, amount=1), "The profile uses the same column twice."),
        (with_columns(booking_date=0, amount=1, destination=2), NO_SOURCE),
        (with_columns(booking_date=0, account=1, debit=2, credit=3, destination=4), NO_SOURCE),
        (
            with_columns(booking_date=0, amount=1, destination_kind=2),
            "The profile says something of the destination, but has no column for it.",
        ),
        (
            replace(CARD, balance_signs=True),
            "The profile takes signs from balances, but has no column for balances.",
        ),
        (
            with_columns(booking_date=0, amount=500),
            "Numbers of columns and header rows must be from 0 to 499.",
        ),
        (
            replace(CARD, header_rows=-1),
            "Numbers of columns and header rows must be from 0 to 499.",
        ),
        *(
            (
                replace(CARD, delimiter=delimiter),
                "The profile's delimiter must be a semicolon, comma, tab or vertical line.",
            )
            for delimiter in ("", ";,", '"', "x")
        ),
        (
            replace(CARD, decimal_mark=""),
            "The profile's decimal mark must be a point or a comma.",
        ),
        *(
            (replace(CARD, encoding=encoding), "The profile's encoding is not supported.")
            for encoding in (
                *("", "zip", "rot13", "base64", "hex", "idna", "undefined", "unicode_escape"),
                *("utf-7", "no such", "../utf-8", "utf\0", "x" * 41),
            )
        ),
        (
            replace(CARD, header=("x" * 1_001,)),
            "A header has at most 500 columns of 1,000 characters.",
        ),
        (
            replace(CARD, header=("x",) * 501),
            "A header has at most 500 columns of 1,000 characters.",
        ),
        (replace(CARD, header_rows=0), "The profile has a header, but no header rows."),
        (replace(CARD, header=("a\0",)), "The profile's header is not valid text."),
        (replace(CARD, header=("a\ud800",)), "The profile's header is not valid text."),
    ],
)
def test_a_profile_without_required_columns_is_refused(profile: CsvProfile, flaw: str) -> None:
    assert validate_profile(profile) == flaw
    assert save(profile=profile) == Failure(InvalidCsvProfile(flaw))
    assert make_saved(ADA).change("x", profile, at=NOON) == Failure(InvalidCsvProfile(flaw))


@pytest.mark.parametrize(
    "profile",
    [
        CARD,
        with_columns(booking_date=0, debit=1, credit=2),
        replace(CARD, header=(), header_rows=0),
        replace(CARD, encoding="cp1252"),
        replace(CARD, encoding="UTF-16"),
        replace(CARD, encoding="mac_roman", delimiter="\t", decimal_mark=","),
        replace(with_columns(booking_date=0, amount=1, balance=2), balance_signs=True),
    ],
)
def test_a_profile_with_the_required_columns_is_accepted(profile: CsvProfile) -> None:
    assert validate_profile(profile) == ""
    assert isinstance(save(profile=profile), Success)


@pytest.mark.parametrize("name", ["", "  ", "x" * 256])
def test_a_profile_name_has_a_length_limit(name: str) -> None:
    refusal = Failure(InvalidCsvProfile("A profile's name has 1 to 255 characters."))

    assert save(name) == refusal
    assert make_saved(ADA).change(name, CARD, at=NOON) == refusal


@pytest.mark.parametrize("name", ["a\0", "\udfff"])
def test_a_profile_name_must_be_printable(name: str) -> None:
    assert save(name) == Failure(InvalidCsvProfile("The profile's name is not valid text."))


def test_events_have_no_content() -> None:
    saved = make_saved(ADA)
    changed = saved.change("Another", replace(CARD, decimal_mark=","), at=NOON)
    assert isinstance(changed, Success)
    after, change = changed.value
    made = SavedProfile.save("My card", CARD, id=saved.id, user_id=ADA, at=NOON)
    assert isinstance(made, Success)

    assert (after.id, after.name, after.profile.decimal_mark) == (saved.id, "Another", ",")
    for event in (made.value[1], change, saved.deleted(at=NOON)):
        assert (event.subject_id, event.actor, event.occurred_at) == (
            saved.id,
            Actor.user(ADA),
            NOON,
        )
        assert isinstance(event, DomainEvent)
    assert "card" not in repr(saved).lower()
