"""What a person does while a connection is synced, and what a provider does at the wrong moment."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.events.sync_runner import SyncRunner
from adapters.persistence.connections.models import (
    ConnectionModel,
    CredentialModel,
    LinkModel,
    ScheduleModel,
)
from adapters.persistence.ledger.models import TransactionModel
from adapters.persistence.outbox.models import OutboxModel
from dashtam.application.connections.authorise import AnswerStep, BeginConnection, RenewConnection
from dashtam.application.connections.links import DecideLink, PreviewLink
from dashtam.application.connections.manage import EndConnection, RequestSync
from dashtam.application.connections.sync_connection import LEASE, SyncConnection
from dashtam.application.identity.users import RegisterUser
from dashtam.application.ledger.manage_accounts import AddAccount
from dashtam.container import container
from dashtam.container.wiring import UseCases
from domain.connections.errors import ConnectionNotReady
from domain.connections.providers import (
    AccountDocument,
    AccountProblem,
    Ask,
    AuthorisationContext,
    Fetched,
    Field,
    Granted,
    Progress,
    Provider,
    ProviderTrouble,
    ReportedAccount,
    RequestMeter,
    StatementRequest,
    TroubleKind,
)
from domain.connections.schedule import Due
from domain.connections.values import (
    Capabilities,
    Credentials,
    DueReason,
    LinkStatus,
    ProviderSlug,
)
from domain.ledger.kinds import AccountKind
from domain.ledger.values import AccountReference
from domain.shared.ids import AccountId, ConnectionId, UserId
from domain.shared.result import Failure, Result, Success
from tests.canaries import PASSWORD

pytestmark = pytest.mark.usefixtures("committing_database")

SLUG = ProviderSlug("scripted")
REFUSED = Failure(ProviderTrouble("No.", kind=TroubleKind.AUTHENTICATION))
Answer = Result[Fetched, ProviderTrouble]


@dataclass
class Script:
    """A provider that answers what a test says, and notes what was asked with which credentials."""

    asked: list[tuple[bytes, StatementRequest]] = field(default_factory=list)
    grants: list[bytes] = field(default_factory=lambda: [b"one"])
    on_fetch: Callable[[bytes, StatementRequest], Awaitable[Answer | None]] | None = None
    on_answer: Callable[[], Awaitable[object]] | None = None
    on_refresh: Callable[[bytes], Awaitable[bytes | None]] | None = None
    begins_with: Progress | None = None

    fields: Sequence[Field] = ()

    async def begin(self, given: Mapping[str, str], context: AuthorisationContext) -> Progress:
        return self.begins_with or self._granted()

    async def answer(
        self, memory: bytes, given: Mapping[str, str], context: AuthorisationContext
    ) -> Progress:
        if self.on_answer:
            await self.on_answer()
        return self._granted()

    def _granted(self) -> Progress:
        return Success(Granted(credentials=Credentials(self.grants[-1]), institution="Northbank"))

    async def refresh(
        self, credentials: Credentials, *, now: datetime, meter: RequestMeter
    ) -> Result[Credentials | None, ProviderTrouble]:
        renewed = await self.on_refresh(credentials.secret) if self.on_refresh else None
        return Success(Credentials(renewed) if renewed else None)

    async def fetch(
        self,
        credentials: Credentials,
        request: StatementRequest,
        *,
        now: datetime,
        meter: RequestMeter,
    ) -> Answer:
        self.asked.append((credentials.secret, request))
        for key in request.account_keys or [""]:
            counted = await meter(key)
            if isinstance(counted, Failure):
                return counted
        scripted = await self.on_fetch(credentials.secret, request) if self.on_fetch else None
        return scripted or Success(statement_of(request))

    async def revoke(self, credentials: Credentials, *, meter: RequestMeter) -> None:
        """There is nothing to end."""


def reported(key: str = "k", name: str = "Everyday", number: str = "100200300") -> ReportedAccount:
    return ReportedAccount(
        key=key,
        name=name,
        number=number,
        institution="Northbank",
        currency="EUR",
        kind="checking",
    )


def statement_of(request: StatementRequest, name: str = "Everyday") -> Fetched:
    """Return three payments of the last day that is asked."""
    noon = datetime.combine(request.window.last, datetime.min.time(), UTC) + timedelta(hours=12)
    rows = [
        {
            "id": f"T{n}",
            "posted": int(noon.timestamp()),
            "amount": f"-{n}.00",
            "description": f"{n}",
        }
        for n in (1, 2, 3)
    ]
    account = {"id": "100200300", "name": name, "currency": "EUR", "transactions": rows}
    bank = {"org": {"name": "Northbank"}, "balance": "5.00", "balance-date": int(noon.timestamp())}
    said = {"accounts": [{**account, **bank}]}
    document = AccountDocument(
        account_key="k",
        content=json.dumps(said).encode(),
        file_name="scripted.json",
        fingerprint=str(request.window.last).encode(),
        window=request.window,
    )
    return Fetched(accounts=[reported(name=name)], documents=[document])


@dataclass
class Setting:
    user_id: UserId
    script: Script
    use_cases: UseCases
    runner: SyncRunner

    async def begin(self) -> ConnectionId:
        begun = await self.use_cases.use(BeginConnection)(
            user_id=self.user_id, provider=SLUG, name="", given={}
        )
        assert isinstance(begun, Success)
        return begun.value.connection.id

    async def renew(self, connection_id: ConnectionId, secret: bytes) -> None:
        self.script.grants.append(secret)
        renewed = await self.use_cases.use(RenewConnection)(
            connection_id=connection_id, user_id=self.user_id, given={}
        )
        assert isinstance(renewed, Success)

    async def request(self, connection_id: ConnectionId) -> Result[None, Any]:
        return await self.use_cases.use(RequestSync)(
            connection_id=connection_id, user_id=self.user_id
        )

    async def end(self, connection_id: ConnectionId) -> None:
        ended = await self.use_cases.use(EndConnection)(
            connection_id=connection_id, user_id=self.user_id
        )
        assert ended == Success(None)

    @property
    def secrets(self) -> list[bytes]:
        return [secret for secret, _ in self.script.asked]


async def setting(**capabilities: Any) -> Setting:
    registered = await container.use(RegisterUser)(email="ada@example.org", password=PASSWORD)
    assert isinstance(registered, Success)
    assert registered.value
    script = Script()
    said = {"window_days": 90, "history_days": 89, "overlap_days": 10, "requests_per_day": 24}
    can = Capabilities(**{**said, "interval": timedelta(hours=12), **capabilities})
    provider = Provider(
        slug=SLUG, name="Scripted", capabilities=can, authorisation=script, source=script
    )
    use_cases = UseCases(replace(container.ports, providers=[provider]))
    runner = SyncRunner(container.ports.sync_schedule, use_cases.use(SyncConnection), lease=LEASE)
    return Setting(registered.value.id, script, use_cases, runner)


async def status_of(connection_id: ConnectionId) -> str:
    return (await ConnectionModel.objects.aget(id=connection_id)).status


async def test_credentials_that_are_refused_after_a_renewal_stop_nothing() -> None:
    ada = await setting()
    connection_id = await ada.begin()

    async def renewed_meanwhile(secret: bytes, request: StatementRequest) -> Answer | None:
        if secret != b"one":
            return None
        await ada.renew(connection_id, b"two")
        return REFUSED

    ada.script.on_fetch = renewed_meanwhile
    await ada.runner.sync_due()

    assert ada.secrets[:2] == [b"one", b"two"]
    assert await status_of(connection_id) == "active"


async def test_refreshed_credentials_do_not_replace_those_of_a_renewal() -> None:
    ada = await setting()
    connection_id = await ada.begin()

    async def renewed_meanwhile(secret: bytes) -> bytes | None:
        if secret != b"one":
            return None
        await ada.renew(connection_id, b"two")
        return b"one, refreshed"

    ada.script.on_refresh = renewed_meanwhile
    await ada.runner.sync_due()

    assert set(ada.secrets) == {b"two"}


async def test_an_answer_does_not_revive_a_connection_that_was_ended() -> None:
    ada = await setting()
    ada.script.begins_with = Success(Ask(text="A TAN, please.", fields=(), memory=b""))
    connection_id = await ada.begin()
    ada.script.on_answer = lambda: ada.end(connection_id)

    answered = await ada.use_cases.use(AnswerStep)(
        connection_id=connection_id, user_id=ada.user_id, given={}
    )

    assert isinstance(answered, Failure)
    assert isinstance(answered.error, ConnectionNotReady)
    assert await status_of(connection_id) == "revoked"
    assert await CredentialModel.objects.acount() == 0


async def test_a_connection_ends_once() -> None:
    ada = await setting()
    connection_id = await ada.begin()

    await ada.end(connection_id)
    await ada.end(connection_id)

    assert await OutboxModel.objects.filter(type="connection.revoked").acount() == 1


async def test_credentials_that_a_preview_finds_refused_are_not_sent_again() -> None:
    ada = await setting()
    connection_id = await ada.begin()
    await ada.runner.sync_due()
    link = await LinkModel.objects.aget()
    before = len(ada.script.asked)

    async def refused(secret: bytes, request: StatementRequest) -> Answer | None:
        return REFUSED

    ada.script.on_fetch = refused
    for _ in range(3):
        previewed = await ada.use_cases.use(PreviewLink)(
            connection_id=connection_id,
            link_id=link.id,
            user_id=ada.user_id,
            account_id=AccountId(link.account_id),  # type: ignore[arg-type]  # it is linked
        )
        assert isinstance(previewed, Failure)

    assert len(ada.script.asked) == before + 1
    assert await status_of(connection_id) == "needs_person"


async def test_a_start_without_its_settings_does_not_end_syncs_for_good() -> None:
    ada = await setting()
    connection_id = await ada.begin()
    without = UseCases(replace(container.ports, providers=[]))
    schedule = container.ports.sync_schedule
    await SyncRunner(schedule, without.use(SyncConnection), lease=LEASE).sync_due()

    row = await ScheduleModel.objects.aget(id=connection_id)

    assert ada.script.asked == []
    assert (await status_of(connection_id), row.reason) == ("active", "outage")
    assert row.due_at is not None


async def test_more_accounts_than_one_turn_asks_are_all_asked() -> None:
    ada = await setting(asks_each_account=True, counts_each_account=True)
    keys = [f"k{n:02}" for n in range(35)]

    async def nothing_booked(secret: bytes, request: StatementRequest) -> Answer | None:
        accounts = [
            ReportedAccount(
                key=key, name=f"{key} {n}", number=f"{n:03}", institution=f"B{n}", currency="EUR"
            )
            for n, key in enumerate(keys)
        ]
        asked = request.account_keys or keys
        return Success(
            Fetched(accounts=accounts, nothing_booked=dict.fromkeys(asked, request.window))
        )

    ada.script.on_fetch = nothing_booked
    many = replace(ada.use_cases.ports, accounts_per_user=100)
    schedule, connection_id = container.ports.sync_schedule, await ada.begin()
    sync = UseCases(many).use(SyncConnection)
    await SyncRunner(schedule, sync, lease=LEASE).sync_due()
    await forget_answers(connection_id, ada.user_id)
    await schedule.set_due(
        connection_id, Due(datetime.now(UTC), DueReason.INTERVAL), owner=ada.user_id
    )
    await SyncRunner(schedule, sync, lease=LEASE).sync_due()

    answered = [e async for e in LinkModel.objects.exclude(answered_at=None)]
    assert len(answered) == len(keys)


async def forget_answers(connection_id: ConnectionId, owner: UserId) -> None:
    """Let the last answers be long ago."""
    connections = container.ports.connections
    async with container.ports.unit_of_work(owner=owner) as uow:
        found = await connections.links(connection_id, owner=owner)
        assert isinstance(found, Success)
        links = [replace(each, answered_at=None) for each in found.value]
        assert await connections.save_links(links) == Success(None)
        _, record = links[0].ignore(at=datetime.now(UTC))
        await uow.commit(record)


async def test_an_account_that_is_linked_anew_gets_all_its_days() -> None:
    ada = await setting()
    connection_id = await ada.begin()
    await ada.runner.sync_due()
    await container.drain()
    link = await LinkModel.objects.aget()
    reference = AccountReference(
        kind=AccountKind.CHECKING, number="XX99", institution="Elsewhere", currency="EUR"
    )
    added = await ada.use_cases.use(AddAccount)(reference, user_id=ada.user_id, name="Other")
    assert isinstance(added, Success)
    other = added.value.account.id
    for status, account_id in ((LinkStatus.IGNORED, None), (LinkStatus.LINKED, other)):
        decided = await ada.use_cases.use(DecideLink)(
            connection_id=connection_id,
            link_id=link.id,
            user_id=ada.user_id,
            status=status,
            account_id=account_id,
        )
        assert isinstance(decided, Success)

    await ada.runner.sync_due()
    await container.drain()

    assert await TransactionModel.objects.filter(account_id=other).acount() == 3


@pytest.mark.parametrize("name", ["x" * 300, "nu\0l", "half \ud83d"])
async def test_a_name_that_cannot_be_stored_is_cut(name: str) -> None:
    ada = await setting()

    async def named(secret: bytes, request: StatementRequest) -> Answer | None:
        return Success(Fetched(accounts=[reported(name=name)]))

    ada.script.on_fetch = named
    connection_id = await ada.begin()
    await ada.runner.sync_due()

    assert await status_of(connection_id) == "active"
    assert await LinkModel.objects.acount() == 1


async def test_days_that_fail_amid_the_history_do_not_use_the_quota_up() -> None:
    ada = await setting(window_days=44, history_days=365)
    today = datetime.now(UTC).date()

    async def holed(secret: bytes, request: StatementRequest) -> Answer | None:
        away = AccountProblem(kind=TroubleKind.TRANSIENT, detail="Away.")
        days_ago = (today - request.window.last).days
        if 40 < days_ago < 90:
            return Success(Fetched(accounts=[reported()], problems={"k": away}))
        return Success(Fetched(accounts=[reported()], nothing_booked={"k": request.window}))

    ada.script.on_fetch = holed
    await ada.begin()
    await ada.runner.sync_due()

    assert len(ada.script.asked) <= 10


async def test_a_bank_that_fails_without_its_accounts_makes_them_fail() -> None:
    ada = await setting()
    connection_id = await ada.begin()
    await ada.runner.sync_due()

    async def unlisted(secret: bytes, request: StatementRequest) -> Answer | None:
        away = AccountProblem(kind=TroubleKind.TRANSIENT, detail="Away.")
        other = reported("other", "Card", "7")
        return Success(Fetched(accounts=[other], unlisted=away))

    ada.script.on_fetch = unlisted
    for _ in range(4):
        assert await ada.request(connection_id) == Success(None)
        await ada.runner.sync_due()

    link = await LinkModel.objects.aget(account_key="k")
    assert (link.missing, link.problem) == (0, "transient")
    assert await status_of(connection_id) == "partial"
