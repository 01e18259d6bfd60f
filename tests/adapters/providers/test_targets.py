"""Providers are looked for only where no network of the operator is."""

import pytest

from adapters.providers.targets import is_allowed, resolve_target
from domain.connections.providers import TroubleKind
from domain.shared.result import Failure, Success

PRIVATE = """
    127.0.0.1 127.8.9.1 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1 100.127.255.254
    198.18.0.1 ::1 fc00::1 fd12:3456::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 2002:7f00:1::
    2002:a00:1::1 64:ff9b::10.0.0.1 64:ff9b::7f00:1
""".split()
NEVER = """
    0.0.0.0 0.1.2.3 169.254.169.254 169.254.0.1 100.100.100.200 168.63.129.16 192.0.0.192
    192.0.2.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: fe80::1 fe80::1%eth0 fec0::1 ff02::1 fd00:ec2::254 2001::1 2001:db8::1 3fff::1 100::1
    ::127.0.0.1 ::ffff:169.254.169.254 ::ffff:0.0.0.0 2002:a9fe:a9fe:: 64:ff9b::a9fe:a9fe
    64:ff9b:1::1 not-an-address 127.1
""".split()
PUBLIC = """
    1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 169.253.1.1 2606:4700::1111
    ::ffff:1.1.1.1 2002:101:101:: 64:ff9b::1.1.1.1
""".split()


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_private_is_allowed_only_if_the_operator_says_so(address: str) -> None:
    assert not is_allowed(address, may_be_private=False)
    assert is_allowed(address, may_be_private=True)


@pytest.mark.parametrize("address", NEVER)
def test_metadata_services_and_what_is_no_host_are_never_allowed(address: str) -> None:
    assert not is_allowed(address, may_be_private=False)
    assert not is_allowed(address, may_be_private=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_the_internet_is_allowed(address: str) -> None:
    assert is_allowed(address, may_be_private=False)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "127.1",
            "1.1",
            "0x7f.1",
            "1.1.1.1.",
            "1.1.01.1",
        ),
        *("", "a" * 300, "::0001", "example.0x"),
    ],
)
def test_an_address_is_spelled_in_its_one_usual_way(host: str) -> None:
    refused = resolve_target(host, 443, True, lambda *_: ["1.1.1.1"])

    assert isinstance(refused, Failure)
    assert refused.error.kind is TroubleKind.PROTOCOL


@pytest.mark.parametrize("port", [0, 22, 25, 1023, 65536, -1])
def test_ports_of_other_services_are_refused(port: int) -> None:
    assert isinstance(resolve_target("bank.example", port, True, lambda *_: ["1.1.1.1"]), Failure)


def test_a_host_with_any_forbidden_address_is_refused() -> None:
    mixed = resolve_target("bank.example", 443, False, lambda *_: ["1.1.1.1", "10.0.0.1"])
    public = resolve_target("bank.example", 443, False, lambda *_: ["1.1.1.1", "8.8.8.8"])

    assert isinstance(mixed, Failure)
    assert public == Success("1.1.1.1")


def test_a_name_that_is_not_known_may_be_known_later() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError(f"{host} has a secret in it")

    def nowhere(host: str, port: int) -> list[str]:
        return []

    for resolver in (unknown, nowhere):
        failed = resolve_target("secret.bank.example", 443, False, resolver)

        assert isinstance(failed, Failure)
        assert failed.error.kind is TroubleKind.TRANSIENT
        assert "secret" not in repr(failed)


def test_the_system_is_asked_by_default() -> None:
    assert resolve_target("localhost", 443, True) in (Success("127.0.0.1"), Success("::1"))
    assert isinstance(resolve_target("localhost", 443, False), Failure)
