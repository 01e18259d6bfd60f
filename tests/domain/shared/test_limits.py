"""What is counted together, and what is counted separately."""

from uuid import uuid4

import pytest

from domain.shared.errors import TooMany
from domain.shared.limits import AttemptKey, Limit, TooManyRequests, network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        (None, "unknown"),
        ("testclient", "unknown"),
    ],
)
def test_a_network_is_the_range_of_one_client(address: str | None, network: str) -> None:
    assert network_of(address) == network


def test_keys_reveal_no_input() -> None:
    for key in (AttemptKey.of_account("ada@example.org"), AttemptKey.of_network("192.0.2.7")):
        _, _, digest = key.name.partition(":")
        assert (len(digest), set(digest) <= set("0123456789abcdef")) == (64, True)


def test_accounts_and_networks_are_counted_separately() -> None:
    account, network = AttemptKey.of_account("192.0.2.7"), AttemptKey.of_network("192.0.2.7")

    assert account.name != network.name
    assert (account.allowed, network.allowed) == (10, 100)


def test_any_text_has_an_account_key() -> None:
    names = {
        AttemptKey.of_account(text).name for text in ("", "a", "A", "a\0", "\ud800", "ä" * 5000)
    }

    assert len(names) == 6


def test_an_ipv6_network_has_one_key() -> None:
    assert AttemptKey.of_network("2001:db8::1") == AttemptKey.of_network("2001:db8::2")
    assert AttemptKey.of_network("2001:db8::1") != AttemptKey.of_network("2001:db8:0:1::1")


@pytest.mark.parametrize(
    ("factor", "scaled"), [(1.0, Limit(10, 60)), (2.5, Limit(25, 150)), (0.001, Limit(1, 0.06))]
)
def test_a_limit_can_be_raised_but_not_emptied(factor: float, scaled: Limit) -> None:
    assert Limit(10, 60).scaled(factor) == scaled


def test_requests_above_the_limit_are_refused() -> None:
    error = TooManyRequests("Too often.", 7)

    assert isinstance(error, TooMany)
    assert (error.code, error.retry_after) == ("too-many-requests", 7)


def test_concurrent_work_has_a_limit_of_its_own() -> None:
    one, other = uuid4(), uuid4()

    keys = (AttemptKey.of_device(one), AttemptKey.of_credential(one))
    others = (AttemptKey.of_device(other), AttemptKey.of_credential(other))

    assert len({key.name for key in (*keys, *others)}) == 4
    assert [key.allowed for key in keys] == [5, 10]
    assert all(len(key.name) <= 80 for key in keys)
