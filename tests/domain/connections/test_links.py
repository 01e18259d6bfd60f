"""Accounts of a provider: which link they are, and what of them is known."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.connections.errors import LinkIsSettled
from domain.connections.links import GONE_AFTER, AccountLink, find_link
from domain.connections.providers import AccountProblem, ReportedAccount, TroubleKind
from domain.connections.values import LinkStatus, Window
from domain.shared.ids import AccountId, UserId, new_id
from domain.shared.result import Failure, Success
from tests.factories import NOON, make_connection, make_link

LATER = NOON + timedelta(hours=1)
CONNECTION = make_connection(UserId(new_id()))
LINK = make_link(CONNECTION)
TODAY = Window(NOON.date(), NOON.date())

keys = st.sampled_from(["k1", "k2", "k3"])
numbers = st.sampled_from(["", "1", "2"])
currencies = st.sampled_from(["EUR", "USD"])
reported = st.builds(
    ReportedAccount, key=keys, name=st.just("Current"), number=numbers, currency=currencies
)


def links_of(accounts: list[ReportedAccount]) -> list[AccountLink]:
    return [
        make_link(CONNECTION, each.key, number=each.number, currency=each.currency)
        for each in accounts
    ]


unique = st.lists(reported, unique_by=lambda each: each.key, max_size=3)


@given(unique, unique)
def test_each_account_has_a_link_of_its_own(
    before: list[ReportedAccount], now: list[ReportedAccount]
) -> None:
    """Whatever is renamed, no two accounts of one answer fill the same one."""
    links = {each.id: each for each in links_of(before)}
    reported_keys = {each.key for each in now}
    found = []
    for account in now:
        link = find_link([*links.values()], account, reported_keys)
        if link is None:
            (link,) = links_of([account])
        links[link.id] = link.reported(account)
        found.append(link.id)

    assert len(set(found)) == len(now)
    assert len({each.account_key for each in links.values()}) == len(links)


def test_a_key_goes_before_a_number() -> None:
    first, second = make_link(CONNECTION, "k1", number="1"), make_link(CONNECTION, "k2")
    account = ReportedAccount(key="k2", name="", number="1", currency="EUR")

    assert find_link([first, second], account, {"k2"}) == second


@pytest.mark.parametrize(
    ("changes", "is_found"),
    [
        ({}, True),
        ({"currency": "USD"}, False),
        ({"number": "2"}, False),
        ({"number": ""}, False),
    ],
)
def test_a_new_key_is_known_by_number_and_currency(changes: dict[str, str], is_found: bool) -> None:
    link = make_link(CONNECTION, "k1", number="1")
    account = ReportedAccount(key="k2", name="", number="1", currency="EUR")

    found = find_link([link], replace(account, **changes), {"k2"})

    assert found == (link if is_found else None)
    twice = [link, make_link(CONNECTION, "k3", number="1")]
    assert find_link(twice, account, {"k2"}) is None


def test_is_no_longer_asked_for_once_it_is_missing_for_good() -> None:
    link = LINK
    for count in range(GONE_AFTER):
        assert link.is_asked_for, count
        link = link.unreported()
    assert not link.is_asked_for
    again = link.reported(ReportedAccount(key="current", name=""))
    assert (again.is_asked_for, again.name, again.number) == (True, "Current", "100200300")


def test_a_problem_lasts_since_it_began_and_until_an_answer() -> None:
    transient = AccountProblem(kind=TroubleKind.TRANSIENT, detail="Later.")
    failed = LINK.failed(transient, at=NOON).failed(transient, at=LATER)

    assert (failed.problem, failed.problem_since) == (TroubleKind.TRANSIENT, NOON)
    other = failed.failed(AccountProblem(kind=TroubleKind.GONE, detail=""), at=LATER)
    assert other.problem_since == LATER
    answered = failed.answered(TODAY, TODAY, at=LATER)
    assert (answered.problem, answered.problem_detail) == (None, "")
    assert answered.coverage.window == TODAY


def test_fills_one_account_and_no_other() -> None:
    one, other = AccountId(new_id()), AccountId(new_id())
    asked = LINK.ask(frozenset({one, other}))
    linked = asked.link(one, at=NOON)

    assert isinstance(linked, Success)
    link, event = linked.value
    assert (link.status, link.account_id, link.candidates) == (LinkStatus.LINKED, one, frozenset())
    assert event.link_id == str(link.id)
    again = link.link(one, at=LATER)
    assert isinstance(again, Success)
    assert again.value[0].linked_at == NOON
    refused = link.link(other, at=LATER)
    assert isinstance(refused, Failure)
    assert isinstance(refused.error, LinkIsSettled)
    ignored, _ = link.ignore(at=LATER)
    assert not ignored.is_asked_for
    assert isinstance(ignored.link(other, at=LATER), Success)


def test_repr_hides_whose_account_it_is() -> None:
    named = replace(LINK, name="Ada Lovelace", problem_detail="Ada")

    assert "Ada" not in repr(named)
    assert "100200300" not in repr(named)
