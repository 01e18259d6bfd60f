"""FinTS against the bank that its library is tested with, over loopback.

What that bank does by itself: user data, accounts, statements in two pages, wrong and locked PINs.
What is added to it here: dates in requests, confirmations, CAMT, and answers that are not allowed.
"""

import io
import json
import logging
import re
import subprocess
import sys
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from fints.client import FinTS3PinTanClient

from adapters.events.sync_runner import SyncRunner
from adapters.persistence.ledger.models import TransactionModel
from adapters.providers.fints.access import Access
from adapters.providers.fints.provider import FINTS, fints_provider
from adapters.providers.http import HttpClient
from adapters.statements.mt940 import Mt940Reader
from dashtam.application.connections.authorise import BeginConnection
from dashtam.application.connections.manage import RequestSync
from dashtam.application.connections.sync_connection import LEASE, SyncConnection
from dashtam.application.identity.users import RegisterUser
from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.container import container
from dashtam.container.wiring import UseCases
from domain.connections.providers import (
    AccountProblem,
    AnswerRefused,
    Ask,
    Fetched,
    Granted,
    Progress,
    ProviderTrouble,
    StatementRequest,
    Step,
    TroubleKind,
    Wait,
)
from domain.connections.values import Credentials, Window
from domain.ledger.imports import ImportRequest
from domain.ledger.ports import StatementReader
from domain.shared.result import Failure, Result, Success
from tests.adapters.providers.fints_answer import (
    CONTEXT,
    NOW,
    PRODUCT,
    answered,
    offline,
    unmetered,
)
from tests.adapters.providers.fints_bank import (
    IBANS,
    LOCKED_PIN,
    LOGIN,
    PIN,
    Answering,
    Confirmations,
    LoopbackBank,
    as_it_is,
    loopback_bank,
    with_dates,
)
from tests.adapters.providers.servers import answer, served
from tests.canaries import PASSWORD
from tests.contracts.provider import NOW as CONTRACT_DAY
from tests.contracts.provider import Offered, ProviderContract

pytestmark = pytest.mark.slow

QUARTER = Window(date(2015, 1, 1), date(2015, 3, 31))
#: As the bank's own pages list them.
AMOUNTS = [Decimal("182.34"), Decimal("100.03"), Decimal("100.00")]
PROVIDER = offline()


async def begun(bank: LoopbackBank, **given: str) -> Progress:
    return await PROVIDER.authorisation.begin({**bank.given, **given}, CONTEXT)


def step_of(progress: Progress) -> Step | Granted:
    assert isinstance(progress, Success), progress
    return progress.value


async def credentials(bank: LoopbackBank) -> Credentials:
    granted = step_of(await begun(bank))
    assert isinstance(granted, Granted)
    return granted.credentials


async def fetched(
    secret: Credentials, *keys: str, window: Window = QUARTER
) -> Result[Fetched, ProviderTrouble]:
    request = StatementRequest(account_keys=keys, window=window)
    return await PROVIDER.source.fetch(secret, request, now=NOW, meter=unmetered)


async def test_accounts_are_those_of_the_bank() -> None:
    with loopback_bank() as bank:
        granted = step_of(await begun(bank))

    assert isinstance(granted, Granted)
    assert granted.institution == "Test Bank"
    assert [(each.key, each.name, each.currency) for each in granted.accounts] == [
        (IBANS[0], "Girokonto", "EUR"),
        (IBANS[1], "Tagesgeld", "EUR"),
    ]
    # One dialog to ask for mechanisms, and one for everything else; both are ended.
    assert (bank.count("HKIDN"), bank.count("HKEND")) == (2, 2)


async def test_two_pages_are_read_as_they_were_sent() -> None:
    with loopback_bank(with_dates) as bank:
        secret = await credentials(bank)
        result = await fetched(secret, IBANS[0])
        again = await fetched(secret, IBANS[0])
        requests = bank.count("HKKAZ")

    assert isinstance(result, Success)
    assert isinstance(again, Success)
    (document,) = result.value.documents
    assert (document.account_key, document.window) == (IBANS[0], QUARTER)
    assert again.value.documents[0].fingerprint == document.fingerprint
    assert requests == 4
    read = Mt940Reader().read(document.content)
    assert isinstance(read, Success)
    rows = [row for statement in read.value.statements for row in statement.rows]
    assert [row.amount.amount for row in rows] == AMOUNTS
    assert not read.value.quarantined


@pytest.mark.usefixtures("committing_database")
async def test_the_ledger_has_what_the_bank_says() -> None:
    registered = await container.use(RegisterUser)(email="ada@example.org", password=PASSWORD)
    assert isinstance(registered, Success)
    with loopback_bank(with_dates) as bank:
        # The library by itself, without dates and with its own parser of MT940.
        library = FinTS3PinTanClient("12345678", LOGIN, PIN, bank.url, product_id=PRODUCT)
        library.fetch_tan_mechanisms()
        with library:
            (account,) = library.get_sepa_accounts()
            listed = [each.data["amount"].amount for each in library.get_transactions(account)]
        library.connection.session.close()
        result = await fetched(await credentials(bank), IBANS[0])
    assert isinstance(result, Success)
    (document,) = result.value.documents

    done = await container.background.use(ImportPipeline)(
        ImportRequest(
            user_id=registered.value.id, file_name=document.file_name, content=document.content
        )
    )

    assert isinstance(done, Success), done
    assert (done.value.new, len(done.value.quarantined)) == (len(listed), 0)
    entered = [each.amount async for each in TransactionModel.objects.all()]
    assert sorted(entered) == sorted(listed) == sorted(AMOUNTS)


def _by_account(message: bytes, answering: Answering) -> bytes:
    """Name the account in its statements: the bank calls each of them the first one."""
    is_second = re.search(rb"'HKKAZ:\d+:7\+DE111234567800000002", message)
    reply = with_dates(message, answering)
    return reply.replace(b"/0000000001", b"/0000000002") if is_second else reply


@pytest.mark.usefixtures("committing_database")
async def test_a_connection_is_made_and_synced_twice() -> None:
    registered = await container.use(RegisterUser)(email="ada@example.org", password=PASSWORD)
    assert isinstance(registered, Success)
    user_id = registered.value.id
    use_cases = UseCases(replace(container.ports, providers=[PROVIDER]))
    runner = SyncRunner(container.ports.sync_schedule, use_cases.use(SyncConnection), lease=LEASE)
    with loopback_bank(_by_account) as bank:
        begun = await use_cases.use(BeginConnection)(
            user_id=user_id, provider=FINTS, name="", given=bank.given
        )
        assert isinstance(begun, Success), begun
        assert await runner.sync_due() == 1
        await container.drain()
        first = [each async for each in TransactionModel.objects.order_by("booking_date")]
        requested = await use_cases.use(RequestSync)(
            connection_id=begun.value.connection.id, user_id=user_id
        )
        assert isinstance(requested, Success), requested
        assert await runner.sync_due() == 1
        await container.drain()
        again = await TransactionModel.objects.acount()
        pages = bank.count("HKKAZ")

    by_account: dict[object, list[Decimal]] = {}
    for each in first:
        by_account.setdefault(each.account_id, []).append(each.amount)
    assert [sorted(each) for each in by_account.values()] == [sorted(AMOUNTS)] * 2
    # Both accounts were asked twice, in two pages each time.
    assert (again, pages) == (6, 8)


@pytest.mark.parametrize(
    ("pin", "words"), [("99999", "refuses the login or the PIN"), (LOCKED_PIN, "has locked")]
)
async def test_a_refused_pin_is_sent_once(pin: str, words: str) -> None:
    with loopback_bank() as bank:
        refused = await begun(bank, pin=pin)

    assert isinstance(refused, Failure)
    assert isinstance(refused.error, AnswerRefused)
    assert words in refused.error.detail
    assert len(bank.messages) == 1


@pytest.mark.parametrize(("pin", "words"), [("99999", "refuses"), (LOCKED_PIN, "has locked")])
async def test_a_pin_that_was_changed_is_sent_once_by_a_sync(pin: str, words: str) -> None:
    with loopback_bank() as bank:
        members = json.loads((await credentials(bank)).secret)
        before = len(bank.messages)
        failed = await fetched(Credentials(json.dumps({**members, "pin": pin}).encode()))

    assert isinstance(failed, Failure)
    assert failed.error.kind is TroubleKind.AUTHENTICATION
    assert words in failed.error.detail
    assert len(bank.messages) == before + 1


async def test_a_pin_that_is_refused_during_a_dialog_is_not_sent_again() -> None:
    def refusing(message: bytes, answering: Answering) -> bytes:
        is_asked = b"'HKKAZ:" in message
        return b"HIRMG::2+9050::Fehler+9942::PIN'" if is_asked else answering(message)

    with loopback_bank(refusing) as bank:
        secret = await credentials(bank)
        before = len(bank.messages)
        failed = await fetched(secret)

    assert isinstance(failed, Failure)
    assert failed.error.kind is TroubleKind.AUTHENTICATION
    # Log-in and the first request: neither the second account nor the end of the dialog.
    assert len(bank.messages) == before + 2


async def test_no_answer_is_not_nothing_booked() -> None:
    """The bank passes over requests with dates, and answers nothing at all."""
    with loopback_bank(as_it_is) as bank:
        result = await fetched(await credentials(bank))

    assert isinstance(result, Success)
    assert not result.value.documents
    assert not result.value.nothing_booked
    assert {each.kind for each in result.value.problems.values()} == {TroubleKind.PROTOCOL}
    assert list(result.value.problems) == IBANS


async def test_nothing_booked_covers_the_window() -> None:
    def empty(message: bytes, answering: Answering) -> bytes:
        asked = re.search(rb"'HKKAZ:(\d+)", message)
        more = b"HIRMS::2:%s+3010::Keine Eintraege'" % asked[1] if asked else b""
        return answering(message) + more

    with loopback_bank(empty) as bank:
        result = await fetched(await credentials(bank))

    assert isinstance(result, Success)
    assert not result.value.documents
    assert result.value.nothing_booked == dict.fromkeys(IBANS, QUARTER)


async def test_one_refused_account_leaves_the_others() -> None:
    def refusing(message: bytes, answering: Answering) -> bytes:
        asked = re.search(rb"'HKKAZ:(\d+):7\+DE111234567800000001", message)
        if asked:
            return b"HIRMG::2+0010::ok'HIRMS::2:%s+9210::Nein'" % asked[1]
        return with_dates(message, answering)

    with loopback_bank(refusing) as bank:
        result = await fetched(await credentials(bank))

    assert isinstance(result, Success)
    assert [each.account_key for each in result.value.documents] == [IBANS[1]]
    assert result.value.problems == {
        IBANS[0]: AccountProblem(
            kind=TroubleKind.PROTOCOL, detail="The bank refuses this request (9210)."
        )
    }


async def test_an_app_confirms_after_a_restart() -> None:
    """The dialog goes on in another process, with nothing but the bytes of the memory."""
    app = Confirmations()
    with loopback_bank(app.around) as bank:
        asked = step_of(await begun(bank))
        assert isinstance(asked, Wait)
        assert (asked.text, asked.poll_after) == ("Bitte bestätigen", 3)
        waiting = step_of(await answered(asked.memory, {}))
        assert isinstance(waiting, Wait)
        assert waiting.poll_after == 7
        app.is_confirmed = True
        done = _in_another_process(waiting.memory)
        polls = [re.findall(rb"'HKTAN:\d+:7\+S", each) for each in bank.messages]
        tans = sum(b"'HKTAN:4:7+2" in each for each in bank.messages)

    assert done["step"] == "Granted"
    access = Access.from_bytes(b64decode(done["secret"]))
    assert access
    assert [each.key for each in access.accounts] == IBANS
    assert (sum(map(len, polls)), tans) == (2, 0)


def _in_another_process(memory: bytes) -> dict[str, str]:
    asked = json.dumps({"memory": b64encode(memory).decode(), "given": {}})
    done = subprocess.run(
        [sys.executable, "-m", "tests.adapters.providers.fints_answer"],
        input=asked.encode(),
        capture_output=True,
        check=True,
        timeout=120,
        cwd=settings.ROOT,
    )
    answer: dict[str, str] = json.loads(done.stdout)
    return answer


async def test_the_list_of_accounts_may_have_to_be_confirmed_too() -> None:
    app = Confirmations(segment="HKSPA")
    with loopback_bank(app.around) as bank:
        asked = step_of(await begun(bank))
        assert isinstance(asked, Wait)
        app.is_confirmed = True
        granted = step_of(await answered(asked.memory, {}))

    assert isinstance(granted, Granted)
    assert [each.key for each in granted.accounts] == IBANS


async def test_an_app_that_is_never_used_is_not_polled_for_ever() -> None:
    with loopback_bank(Confirmations().around) as bank:
        progress = await begun(bank)
        polls = 0
        while isinstance(progress, Success):
            assert isinstance(progress.value, Wait)
            progress = await answered(progress.value.memory, {})
            polls += 1

    assert isinstance(progress.error, AnswerRefused)
    # The bank allows nine.
    assert polls == 10


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
MATRIX = b"\x00\x09image/png" + len(PNG).to_bytes(2, "big") + PNG


async def test_a_mechanism_is_chosen_a_picture_shown_and_a_tan_entered() -> None:
    photo = Confirmations(mechanisms=("921", "952"), is_decoupled=False, hhduc=MATRIX)
    with loopback_bank(photo.around) as bank:
        choice = step_of(await begun(bank))
        assert isinstance(choice, Ask)
        assert choice.fields[0].options == ("pushTAN 2.0 (921)", "photoTAN (952)")
        wrong = await answered(choice.memory, {"mechanism": "another"})
        challenge = step_of(await answered(choice.memory, {"mechanism": "photoTAN (952)"}))
        assert isinstance(challenge, Ask)
        assert (challenge.text, challenge.picture) == ("Bitte bestätigen", ("image/png", PNG))
        missing = await answered(challenge.memory, {})
        granted = step_of(await answered(challenge.memory, {"tan": photo.tan}))

    assert all(
        isinstance(each, Failure) and isinstance(each.error, AnswerRefused)
        for each in (wrong, missing)
    )
    assert isinstance(granted, Granted)
    assert b"'HKIDN" in bank.messages[0]
    assert len(granted.accounts) == 2


async def test_a_wrong_tan_is_refused() -> None:
    with loopback_bank(Confirmations(is_decoupled=False).around) as bank:
        challenge = step_of(await begun(bank))
        assert isinstance(challenge, Ask)
        refused = await answered(challenge.memory, {"tan": "271828"})

    assert refused == Failure(AnswerRefused("The bank refuses this TAN. Connect the bank again."))


async def test_the_code_of_a_tan_generator_is_text() -> None:
    chip = Confirmations(
        is_decoupled=False, challenge=b"<b>Startcode</b> eingeben", hhduc=b"11048813833205"
    )
    with loopback_bank(chip.around) as bank:
        challenge = step_of(await begun(bank))

    assert isinstance(challenge, Ask)
    assert challenge.text == "Startcode eingeben Code for the TAN generator: 11048813833205"


@pytest.mark.parametrize("segment", ["HKIDN", "HKKAZ"])
@pytest.mark.parametrize("is_decoupled", [True, False])
async def test_a_sync_stops_at_a_demand_for_a_tan(segment: str, is_decoupled: bool) -> None:
    demanding = Confirmations(segment="HKXXX", is_decoupled=is_decoupled)
    with loopback_bank(demanding.around) as bank:
        secret = await credentials(bank)
        before = len(bank.messages)
        demanding.segment = segment
        if segment == "HKKAZ":
            secret = _asked_anew(secret)
        failed = await fetched(secret)
        messages = bank.messages[before:]

    assert isinstance(failed, Failure)
    assert failed.error.kind is TroubleKind.INTERACTION
    # One demand, no question whether it was met, and the end of the dialog.
    assert sum(b":7+4+" + segment.encode() in each for each in messages) == 1
    assert not any(re.search(rb":7\+[2S]", each) for each in messages)
    assert b"'HKEND:" in messages[-1]


def _asked_anew(secret: Credentials) -> Credentials:
    """Return credentials without the bank's parameters, which are then sent again."""
    members = json.loads(secret.secret)
    client = FinTS3PinTanClient(
        "12345678",
        LOGIN,
        PIN,
        "http://127.0.0.1:1/",
        product_id=PRODUCT,
        from_data=b64decode(members["state"]),
    )
    pins = client.bpd.find_segment_first("HIPINS")
    for each in pins.parameter.transaction_tans_required:
        if each.transaction == "HKKAZ":
            each.tan_required = True
    client.connection.session.close()
    state = b64encode(client.deconstruct(including_private=True)).decode()
    return Credentials(json.dumps({**members, "state": state}).encode())


def _as_camt(message: bytes, answering: Answering) -> bytes:
    """Offer CAMT instead of MT940, one document for each of two days, and one of pending ones."""
    reply = re.sub(
        rb"'HIKAZS:10:4:4\+1\+1\+365:J'HIKAZS:11:5:[^']*'HIKAZS:12:6:[^']*'HIKAZS:13:7:[^']*'",
        b"'HICAZS:10:1:4+1+1+1+365:J:N:urn?:iso?:std?:iso?:20022?:tech?:xsd?:camt.052.001.02'",
        answering(message),
    )
    asked = re.search(rb"'HKCAZ:(\d+):1", message)
    if asked:
        days = b":".join(b"@%d@%s" % (len(each), each) for each in (b"<a/>", b"<b/>"))
        reply += b"HICAZ::1:%s+%s+camt+%s+@4@<c/>'" % (asked[1], IBANS[0].encode(), days)
    return reply


async def test_camt_is_packed_if_the_bank_offers_nothing_else() -> None:
    with loopback_bank(_as_camt) as bank:
        secret = await credentials(bank)
        first, second = [await fetched(secret, IBANS[0]) for _ in range(2)]

    assert isinstance(first, Success)
    assert isinstance(second, Success)
    (document,) = first.value.documents
    assert second.value.documents[0] == document
    with zipfile.ZipFile(io.BytesIO(document.content)) as archive:
        contents = [archive.read(name) for name in archive.namelist()]
    assert contents == [b"<a/>", b"<b/>", b"<c/>"]


async def test_pages_without_end_end() -> None:
    def endless(message: bytes, answering: Answering) -> bytes:
        asked = re.search(rb"'HKKAZ:(\d+)", message)
        if not asked:
            return answering(message)
        return b"HIRMS::2:%s+3040::Mehr:1'HIKAZ::7:%s+@3@abc'" % (asked[1], asked[1])

    with loopback_bank(endless) as bank:
        result = await fetched(await credentials(bank), IBANS[0])

    assert isinstance(result, Success)
    assert not result.value.documents
    assert result.value.problems[IBANS[0]].kind is TroubleKind.PROTOCOL
    assert bank.count("HKKAZ") < 150


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"HIRMG::2+9050::Fehler+9078::Produkt'", "product id"),
        (b"HIRMG::2+9050::Fehler+9110::Aufbau'", "(9050, 9110)"),
        (b"HIRMG::2+0010::ok'", "not what its protocol allows"),
        (b"HIXXX:1:1+" + b"?+" * 50_000 + b"'", "not what its protocol allows"),
    ],
)
async def test_what_is_no_log_in_is_trouble(content: bytes, words: str) -> None:
    with loopback_bank(lambda *_: content) as bank:
        failed = await begun(bank)

    assert isinstance(failed, Failure)
    assert isinstance(failed.error, ProviderTrouble)
    assert failed.error.kind is TroubleKind.PROTOCOL
    assert words in failed.error.detail
    assert bank.count("HKIDN") == 1


async def test_a_refused_log_in_sends_nothing_more_whatever_else_it_answers() -> None:
    def refusing(message: bytes, answering: Answering) -> bytes:
        is_second = b"'HKIDN:" in message and b"'HKSYN:" not in message
        return answering(message) + (b"HIRMG::2+9050::Fehler+9800::Ende'" if is_second else b"")

    with loopback_bank(refusing) as bank:
        failed = await begun(bank)

    assert isinstance(failed, Failure)
    assert failed.error.detail == "The bank refuses this request (9050, 9800)."
    assert b"'HKIDN:" in bank.messages[-1]
    assert bank.count("HKIDN") == 2


@pytest.mark.parametrize("content", [b"<html>", b"%%%", b64encode(b"no segment"), b""])
async def test_what_is_no_message_is_trouble(content: bytes) -> None:
    async with served(answer(content)) as server:
        failed = await begun(LoopbackBank(f"http://127.0.0.1:{server.port}/"))

    assert isinstance(failed, Failure)
    assert isinstance(failed.error, ProviderTrouble)
    assert failed.error.kind is TroubleKind.PROTOCOL
    assert len(server.requests) == 1


async def test_a_bank_that_is_gone_is_a_trouble_of_the_moment() -> None:
    with loopback_bank() as bank:
        secret = await credentials(bank)

    failed = await fetched(secret)

    assert isinstance(failed, Failure)
    assert failed.error.kind is TroubleKind.TRANSIENT


async def test_a_quota_that_is_used_up_sends_nothing() -> None:
    used_up = Failure(ProviderTrouble("Used up.", kind=TroubleKind.QUOTA))

    async def refusing(account_key: str = "") -> Result[None, ProviderTrouble]:
        return used_up

    with loopback_bank() as bank:
        secret = await credentials(bank)
        before = len(bank.messages)
        request = StatementRequest(account_keys=(), window=QUARTER)
        failed = await PROVIDER.source.fetch(secret, request, now=NOW, meter=refusing)

    assert failed == used_up
    assert len(bank.messages) == before


async def test_private_addresses_are_refused_unless_they_are_allowed() -> None:
    with loopback_bank() as bank:
        given = {**bank.given, "url": bank.url.replace("http:", "https:")}
        refused = await fints_provider(PRODUCT, HttpClient()).authorisation.begin(given, CONTEXT)

    assert isinstance(refused, Failure)
    assert "not allowed" in refused.error.detail
    assert not bank.messages


@pytest.mark.parametrize("pin", ["canary-pin-5150", LOCKED_PIN])
async def test_secrets_are_neither_logged_nor_shown(
    pin: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever happens: granted, refused, confirmed or broken."""
    caplog.set_level(logging.DEBUG)
    login, tan = "canary-login", "canary-tan-1"

    def around(message: bytes, answering: Answering) -> bytes:
        # The bank has one PIN; this one is translated to it, unless it is the locked one.
        return photo.around(message.replace(b"canary-pin-5150", PIN.encode()), answering)

    photo = Confirmations(is_decoupled=False, tan=tan)
    with loopback_bank(around) as bank:
        progress = [await begun(bank, login=login, pin=pin)]
        if isinstance(progress[0], Success):
            asked = progress[0].value
            assert isinstance(asked, Ask)
            progress.append(await answered(asked.memory, {"tan": tan}))
            granted = step_of(progress[-1])
            assert isinstance(granted, Granted)
            shown = [repr(await fetched(granted.credentials)), repr(asked)]
            shown.append(repr(Access.from_bytes(granted.credentials.secret)))
            progress.append(await answered(asked.memory, {"tan": tan + "2"}))
        else:
            shown = []

    texts = "\n".join([caplog.text, *shown, *map(repr, progress)])
    assert not any(secret in texts for secret in ("canary-pin", login, tan))


class TestContract(ProviderContract):
    """Banks fulfil it too, as far as one can promise what they call an account."""

    @pytest.fixture
    def offered(self) -> Iterator[Offered]:
        with loopback_bank(_second_page_later) as bank:
            yield Offered(PROVIDER, bank.given)

    @pytest.fixture
    def readers(self) -> list[StatementReader]:
        return [Mt940Reader()]

    async def test_documents_are_of_reported_accounts_and_say_so(
        self, offered: Offered, readers: list[StatementReader]
    ) -> None:
        """Statements name accounts by numbers of the bank, which the ledger finds in their IBANs.

        The IBANs of this bank are none, so that only the bank's code can be compared.
        """
        result = await offered.fetch((await offered.granted()).credentials)

        assert isinstance(result, Success)
        reported = {each.key: each for each in result.value.accounts}
        assert {each.account_key for each in result.value.documents} == reported.keys()
        for document in result.value.documents:
            read = readers[0].read(document.content)
            assert isinstance(read, Success)
            (statement,) = read.value.statements
            assert statement.account.institution == reported[document.account_key].institution
            assert document.window == offered.recent


def _second_page_later(message: bytes, answering: Answering) -> bytes:
    """Have what is on the second page booked a week after the contract's first day."""
    asked = re.search(rb"'HKKAZ:[^']*\+(\d{8})(?=['+])", message)
    reply = with_dates(message, answering)
    is_later = asked and asked[1].decode() > f"{CONTRACT_DAY + timedelta(7):%Y%m%d}"
    return reply if is_later else reply.replace(b"+3040:", b"+3041:")
