"""Parts of the FinTS provider that need no bank."""

from collections.abc import Mapping, Sequence

import pytest

from adapters.providers.fints.access import Access, BankAccount
from adapters.providers.fints.codes import is_about_pin, trouble_of
from adapters.providers.fints.connection import MAX_MARKS, is_readable
from adapters.providers.fints.entered import FIELDS, access_of
from adapters.providers.fints.statements import fingerprint
from adapters.providers.fints.steps import MECHANISM, Memory
from adapters.providers.registry import ProviderSettings, providers
from domain.connections.providers import TroubleKind
from domain.shared.result import Failure, Success

PIN = "a-pin-to-look-for"
ACCOUNT = BankAccount(iban="DE02120300000000202051", number="202051", bank_code="12030000")
ACCESS = Access(
    bank_code="12030000",
    url="https://bank.example/fints",
    login="a-login-to-look-for",
    pin=PIN,
    state=b"\x00\xffstate",
    accounts=[ACCOUNT],
)
GIVEN = {
    "bank_code": "12030000",
    "url": "https://bank.example:8443/fints?a=b",
    "login": "ada",
    "pin": " 12345 ",
}


@pytest.mark.parametrize(
    ("codes", "kind", "words"),
    [
        (["9050", "9942"], TroubleKind.AUTHENTICATION, "refuses the login or the PIN"),
        (["9910"], TroubleKind.AUTHENTICATION, "refuses the login or the PIN"),
        (["9340"], TroubleKind.AUTHENTICATION, "refuses the login or the PIN"),
        (["3938"], TroubleKind.AUTHENTICATION, "has locked"),
        (["3931"], TroubleKind.AUTHENTICATION, "has locked"),
        (["9942", "9930"], TroubleKind.AUTHENTICATION, "has locked"),
        (["9931"], TroubleKind.AUTHENTICATION, "has locked"),
        (["9050", "9075"], TroubleKind.INTERACTION, "confirm"),
        (["9078"], TroubleKind.PROTOCOL, "product id"),
        (["0010", "9050", "9210", "9210"], TroubleKind.PROTOCOL, "(9050, 9210)"),
    ],
)
def test_codes_become_trouble(codes: Sequence[str], kind: TroubleKind, words: str) -> None:
    found = trouble_of(codes)

    assert found
    assert found.kind is kind
    assert words in found.detail
    assert is_about_pin(codes) is (kind is TroubleKind.AUTHENTICATION)


@pytest.mark.parametrize("codes", [[], ["0010", "0020"], ["3010"], ["3040", "3076", "3920"]])
def test_other_codes_are_none(codes: Sequence[str]) -> None:
    assert trouble_of(codes) is None
    assert not is_about_pin(codes)


def test_what_is_entered_is_used_as_it_is() -> None:
    entered = access_of(GIVEN, may_be_private=False)

    assert isinstance(entered, Success)
    # Blanks may be part of a PIN.
    assert (entered.value.pin, entered.value.customer_id) == (" 12345 ", "")
    assert [each.name for each in FIELDS if each.is_secret] == ["pin"]
    assert [each.name for each in FIELDS if each.is_optional] == ["customer_id"]


@pytest.mark.parametrize(
    "wrong",
    [
        *({"bank_code": each} for each in ("", "1203000", "120300000", "1203000x", "٣٢٣٤٥٦٧٨")),
        *({"url": each} for each in ("", "http://bank.example/", "https://", "bank.example")),
        *({"url": f"https://{each}"} for each in ("a:b@bank.example/", "bank.example:x/", "[/")),
        *({"url": f"https://bank.example/{each}"} for each in ("#a", "a b", "ä", "a" * 300)),
        *({"login": each} for each in ("", "a" * 31, "a\nb", "日本")),
        *({"pin": each} for each in ("", "1" * 100, "12\x0034")),
        {"customer_id": "c" * 31},
    ],
)
def test_what_no_bank_could_read_is_refused(wrong: Mapping[str, str]) -> None:
    refused = access_of({**GIVEN, **wrong}, may_be_private=False)

    assert isinstance(refused, Failure)
    assert not any(each in refused.error.detail for each in wrong.values() if len(each) > 10)


def test_an_access_is_stored_and_never_shown() -> None:
    stored = Access.from_bytes(ACCESS.to_bytes())
    assert stored
    assert stored.to_json() == ACCESS.to_json()
    memory = Memory(stage=MECHANISM, access=ACCESS, options={"photoTAN (952)": "952"})
    remembered = Memory.from_bytes(memory.to_bytes())
    assert remembered
    assert remembered.to_bytes() == memory.to_bytes()
    for shown in (repr(ACCESS), repr(memory), repr(ACCOUNT), f"{ACCESS}"):
        assert PIN not in shown
        assert ACCESS.login not in shown
        assert ACCOUNT.number not in shown


@pytest.mark.parametrize(
    ("account", "key"),
    [
        (ACCOUNT, "DE02120300000000202051"),
        (BankAccount(number="1234", bank_code="12030000"), "12030000/1234"),
        (BankAccount(number="1234", subaccount="EUR", bank_code="12030000"), "12030000/1234/EUR"),
    ],
)
def test_a_key_is_the_iban_or_else_bank_and_number(account: BankAccount, key: str) -> None:
    assert account.key == key
    assert account.reported().institution == "12030000"


def test_a_fingerprint_is_of_what_is_said() -> None:
    statement = b":20:%s\r\n:25:1/2\r\n:13D:%s\r\n:61:2603140314C1,00NMSC\r\n"
    one, other = statement % (b"A", b"2603141200+0100"), statement % (b"B", b"2603151300+0100")

    assert fingerprint(one) == fingerprint(other)
    assert fingerprint(one) != fingerprint(one.replace(b"C1,00", b"C2,00"))
    camt = b"<Document><GrpHdr><MsgId>%s</MsgId></GrpHdr><Ntry>1</Ntry></Document>"
    assert fingerprint(camt % b"1") == fingerprint(camt % b"2")
    assert fingerprint(b":86:20:13 Uhr") != fingerprint(b":86:20:14 Uhr")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"HNHBK:1:3+1'HNVSD:999:1+@4@ab+''", True),
        # What is within binary elements is no mark, but what is wrapped is a message itself.
        (b"HNVSD:999:1+@%d@%s'" % (MAX_MARKS + 1, b"+" * (MAX_MARKS + 1)), False),
        (b"HIKAZ:1:7+@%d@%s'" % (MAX_MARKS, b"x" * MAX_MARKS), True),
        (b"HIXXX:1:1" + b"+" * (MAX_MARKS + 1), False),
        (b"HIXXX:1:1" + b"?+" * (MAX_MARKS + 1), False),
        (b"HIXXX:1:1+@999999999@", True),
        (b"", True),
    ],
)
def test_messages_that_cost_too_much_are_not_read(message: bytes, expected: bool) -> None:
    assert is_readable(message) is expected


def test_fints_is_offered_only_with_a_product_id() -> None:
    assert not [each for each in providers(ProviderSettings()) if each.slug == "fints"]
    offered = providers(ProviderSettings(fints_product_id="0123456789ABCDEF012345678"))
    assert "fints" in [each.slug for each in offered]
