"""Names of accounts: the first one, and those that people may confuse."""

import pytest

from domain.ledger.account_names import MAX_LENGTH, clean_name, default_name, nearly_same_name
from domain.ledger.accounts import AccountContents
from domain.ledger.errors import InvalidAccount
from domain.shared.result import Failure, Success
from tests.factories import make_account, make_connection, make_user

ACCOUNT = make_account(make_connection(make_user().id))


@pytest.mark.parametrize(
    ("institution", "kind", "number", "name"),
    [
        ("Northbank", "checking", "100200300", "Northbank checking 0300"),
        ("Northbank", "credit_card", "4111 11** **** 1234", "Northbank credit card 1234"),
        ("", "savings", "DE02120300000000202051", "Savings 2051"),
        ("", "other", "123", "Account 123"),
        ("Northbank", "other", "", "Northbank account"),
        ("", "other", "", "Account"),
        ("", "checking", "  Petty   cash ", "Petty cash"),
        ("Northbank", "checking", "Joint", "Joint"),
        ("N" * 300, "checking", "1" * 300, "N" * 127 + " checking 1111"),
        ("", "other", "x" * 300, "x" * MAX_LENGTH),
    ],
)
def test_the_first_name_says_what_is_known(
    institution: str, kind: str, number: str, name: str
) -> None:
    assert default_name(institution, kind, number) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Cash", "Cahs"),
        ("Cash", "cas"),
        ("Cash", "Cashh"),
        ("Cash", "MASH"),
        ("Cash", "acsh"),
        ("Cash", "ash"),
        ("Caf\u00e9", "Cafe"),
        ("Amazon  card", "Amazn card"),
    ],
)
def test_one_slip_makes_names_alike(one: str, other: str) -> None:
    assert nearly_same_name(one, other)
    assert nearly_same_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Cash", "Hsac"),
        ("Cash", "Savings"),
        ("Cash", "Ca"),
        ("abcd", "badc"),
        ("Card 1", "Card 2"),
        ("Card 1", "Card 11"),
        ("Visa A", "Visa B"),
        ("Joe", "Jo"),
        ("A", "B"),
    ],
)
def test_other_names_are_not_alike(one: str, other: str) -> None:
    assert not nearly_same_name(one, other)
    assert not nearly_same_name(other, one)


def test_blanks_do_not_matter() -> None:
    assert clean_name("  Every \t day\n") == "Every day"


def test_a_change_is_the_next_version() -> None:
    edited = ACCOUNT.edit({"name": " Every  day "})

    assert isinstance(edited, Success)
    assert (edited.value.name, edited.value.version) == ("Every day", 2)
    assert edited.value.edit({"name": "Every   day"}) == edited


def test_a_name_is_needed() -> None:
    assert ACCOUNT.edit({"name": " "}) == Failure(InvalidAccount("An account needs a name."))


def test_names_are_not_printed() -> None:
    assert ACCOUNT.name not in repr(ACCOUNT)


def test_a_refusal_says_what_is_in_the_account() -> None:
    refusal = AccountContents(transactions=True, balances=True, statements=True).refuse_deletion()

    assert refusal
    assert "still has transactions, balances and statements." in refusal.detail
    assert AccountContents().refuse_deletion() is None
