"""Somebody's connection to the sandbox, synced by processes that may be killed at any step."""

import asyncio
import functools
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from adapters.audit.trail import DjangoAuditTrail
from adapters.events import Lane, Reactions, Relay
from adapters.events.sync_runner import SyncRunner
from adapters.persistence.database import Database, Transaction
from adapters.persistence.ledger.models import AccountModel, TransactionModel
from adapters.persistence.unit_of_work import DjangoUnitOfWork
from adapters.providers.http import NO_HEADERS, Reply
from adapters.providers.sandbox.bank import ONE_DAY, PLANS, Bank, Trouble
from adapters.providers.sandbox.server import Sandbox
from adapters.providers.sandbox.source import ORIGIN, InProcess
from adapters.providers.simplefin import SimpleFinAuthorisation, SimpleFinSource
from dashtam.application.connections.authorise import BeginConnection, RenewConnection
from dashtam.application.connections.links import DecideLink
from dashtam.application.connections.manage import RequestSync
from dashtam.application.connections.sync_connection import LEASE, SyncConnection
from dashtam.application.ledger.accounts import ListAccounts
from dashtam.container import container
from dashtam.container.reactions import subscriptions
from dashtam.container.wiring import UseCases
from domain.audit.entities import AuditEntry
from domain.connections.entities import Connection
from domain.connections.errors import LinkIsSettled
from domain.connections.links import AccountLink
from domain.connections.ports import Lease
from domain.connections.providers import Provider, ProviderTrouble
from domain.connections.values import (
    Capabilities,
    ConnectionStatus,
    LinkStatus,
    Need,
    ProviderSlug,
)
from domain.shared.ids import AccountId, ConnectionId, UserId, new_id
from domain.shared.result import Failure, Result, Success
from tests.adapters.persistence.ledger_machine import add_user
from tests.factories import make_user
from tests.fakes import FixedClock

#: Long ago by the clock of the database, so that what is due by this clock is due by that one.
START = datetime(2024, 3, 1, 20, tzinfo=UTC)
CAPABILITIES = Capabilities(
    window_days=12,
    history_days=45,
    overlap_days=7,
    requests_per_day=14,
    interval=timedelta(hours=12),
)
CUSTOMER = "ada"
#: A process that is not killed makes fewer steps than this.
FOR_GOOD = 1_000_000
#: What the ledger has, or the bank, of an account: day, amount, whether it is pending.
Row = tuple[date, Decimal, bool]


class Killed(BaseException):
    """The process was killed; nothing handles this, as nothing handles SIGKILL."""


@dataclass(eq=False, slots=True)
class Process:
    """A process that is killed after so many steps: calls of the database, or of the bank."""

    steps: int = FOR_GOOD
    done: int = 0

    def step(self) -> None:
        if self.done >= self.steps:
            raise Killed
        self.done += 1


_process: ContextVar[Process | None] = ContextVar("process", default=None)


def step() -> None:
    process = _process.get()
    if process is not None:
        process.step()


def make_killable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have processes be killed before or after any statement, BEGIN, or COMMIT."""

    def killable(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(method)
        async def stepping(*arguments: Any, **named: Any) -> Any:
            step()
            done = await method(*arguments, **named)
            step()
            return done

        return stepping

    for name in ("run", "run_last"):
        monkeypatch.setattr(Database, name, killable(getattr(Database, name)))
    enter = Transaction.__aenter__

    async def entering(transaction: Transaction) -> Transaction:
        # Only before: a block that was not entered would not be left either.
        step()
        return await enter(transaction)

    monkeypatch.setattr(Transaction, "__aenter__", entering)


@dataclass(slots=True)
class Request:
    """A request that arrived at the bank."""

    at: datetime
    days: int
    accounts: Sequence[str]
    first: date
    last: date


@dataclass(slots=True)
class Line:
    """`Client` of the sandbox; `troubles` are the ones of the next requests, and then none.

    `before_answer` is called once a request was answered and before that is known.
    """

    server: Sandbox
    clock: FixedClock
    capabilities: Capabilities
    troubles: list[Trouble] = field(default_factory=list)
    before_answer: Callable[[], Awaitable[None]] | None = None
    #: After so many more requests, the process is killed that sends another one.
    left: int = FOR_GOOD
    requests: list[Request] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    #: Whether the bank has said that nothing may be asked, and a process has heard it.
    is_refused: bool = False

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = NO_HEADERS,
        content: bytes | None = None,
        auth: tuple[str, str] | None = None,
        max_bytes: int | None = None,
    ) -> Result[Reply, ProviderTrouble]:
        if method == "GET":
            step()
            if self.left <= 0:
                raise Killed
            self.left -= 1
            self._note(url)
            self.server.next_troubles = self.troubles[:1]
            del self.troubles[:1]
        answer = await InProcess(self.server).send(method, url, auth=auth)
        before, self.before_answer = self.before_answer, None
        if before and method == "GET":
            await before()
        step()
        if before is None and isinstance(answer, Success) and answer.value.status in (402, 403):
            self.is_refused = True
        return answer

    def _note(self, url: str) -> None:
        query = parse_qs(urlsplit(url).query)
        first, end = (
            datetime.fromtimestamp(int(query[name][0]), UTC).date()
            for name in ("start-date", "end-date")
        )
        days = (end - first).days
        now = self.clock.now()
        self.requests.append(Request(now, days, query.get("account", ()), first, end - ONE_DAY))
        if self.is_refused:
            self.faults.append(f"asked at {now} although it was refused")
        if days > self.capabilities.window_days:
            self.faults.append(f"asked for {days} days")
        today = sum(each.at.date() == now.date() for each in self.requests)
        if today > self.capabilities.requests_per_day:
            self.faults.append(f"asked {today} times on {now.date()}")


class TodaysTrail(DjangoAuditTrail):
    """The trail, whose entries are of the moment: the database refuses any of another time."""

    def write(self, entries: Sequence[AuditEntry]) -> None:
        super().write([replace(each, occurred_at=datetime.now(UTC)) for each in entries])


class SimulatedSchedule:
    """`SyncSchedule` of PostgreSQL, on which nothing is due before the simulated clock says so."""

    def __init__(self, clock: FixedClock) -> None:
        self._clock = clock
        self._schedule = container.ports.sync_schedule

    def __getattr__(self, name: str) -> Any:
        return getattr(self._schedule, name)

    async def claim(self, *, most: int, lease: timedelta) -> Result[Sequence[Lease], Any]:
        if await sync_to_async(_due_before)(self._clock.now()):
            return await self._schedule.claim(most=most, lease=lease)
        return Success([])


def _due_before(now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM connections_schedule WHERE due_at <= %s", [now])
        return bool(cursor.rowcount)


@dataclass
class Household:
    """Somebody whose bank is synced, and all that happens to it."""

    bank: Bank
    clock: FixedClock
    line: Line
    use_cases: UseCases
    user: UserId
    connection_id: ConnectionId
    steps: Counter[str] = field(default_factory=Counter)

    @classmethod
    async def connected(cls, seed: int, capabilities: Capabilities = CAPABILITIES) -> "Household":
        clock = FixedClock(START)
        bank = Bank(seed=f"bank {seed}", opened=(START - 15 * ONE_DAY).date())
        server = Sandbox(clock=clock.now, banks={CUSTOMER: bank})
        line = Line(server, clock, capabilities)
        provider = Provider(
            slug=ProviderSlug("simplefin"),
            name="SimpleFIN",
            capabilities=capabilities,
            authorisation=SimpleFinAuthorisation(line, may_be_private=True),
            source=SimpleFinSource(line),
        )
        trail = TodaysTrail(container.database, lambda: container.mac_keys)
        ports = replace(
            container.background.ports,
            clock=clock,
            audit_trail=trail,
            unit_of_work=functools.partial(
                DjangoUnitOfWork, container.database, trail, container.publisher
            ),
            providers=[provider],
            sync_schedule=SimulatedSchedule(clock),
        )
        user = make_user(f"{new_id()}@example.org")
        await add_user(user)
        use_cases = UseCases(ports)
        begun = await use_cases.use(BeginConnection)(
            user_id=user.id,
            provider=provider.slug,
            name="",
            given={"setup_token": server.setup_token(CUSTOMER, ORIGIN)},
        )
        assert isinstance(begun, Success), begun
        return cls(bank, clock, line, use_cases, user.id, begun.value.connection.id)

    # Processes

    async def process(self, steps: int = FOR_GOOD) -> bool:
        """Sync what is due, and import what is stored; return whether the process survived."""
        process = Process(steps)
        before = self.line.is_refused

        async def live() -> None:
            _process.set(process)
            sync = self.use_cases.use(SyncConnection)
            runner = SyncRunner(self.use_cases.ports.sync_schedule, sync, lease=LEASE)
            await runner.sync_due()
            await self.relay.deliver_all()

        try:
            # A process of its own is in nobody's transaction.
            await asyncio.create_task(live(), context=copy_context())
        except Killed:
            self.steps["killed"] += 1
            # What it heard was not written down.
            self.line.is_refused = before
            return False
        finally:
            self.steps["steps"] = max(self.steps["steps"], process.done)
        return True

    @property
    def relay(self) -> Relay:
        reactions = Reactions(container.database, subscriptions(self.use_cases))
        return Relay(container.database, dict.fromkeys(Lane, reactions))

    async def expire(self) -> None:
        """Let the leases of processes that were killed end, without waiting for it."""
        await sync_to_async(_expire)()

    # The person

    async def act(self) -> None:
        """Do what the connection needs of a person, and say which account is which."""
        connection, links = await self.state()
        if connection.status is ConnectionStatus.NEEDS_PERSON:
            self.line.is_refused = False
            await (self.sync_now() if connection.need is Need.PAYMENT else self.renew())
        for link in links:
            if link.status is LinkStatus.ASKED:
                await self._decide(link)

    async def renew(self) -> None:
        token = self.line.server.setup_token(CUSTOMER, ORIGIN)
        renewed = await self.use_cases.use(RenewConnection)(
            connection_id=self.connection_id, user_id=self.user, given={"setup_token": token}
        )
        assert isinstance(renewed, Success), renewed

    async def sync_now(self) -> None:
        self.line.is_refused = False
        requested = await self.use_cases.use(RequestSync)(
            connection_id=self.connection_id, user_id=self.user
        )
        assert isinstance(requested, Success), requested

    async def _decide(self, link: AccountLink) -> None:
        names = {each.account.id: each.account.name for each in await self.accounts()}
        account_id = next(
            (AccountId(each) for each in link.candidates if names.get(each) == link.name), None
        )
        decided = await self.use_cases.use(DecideLink)(
            connection_id=self.connection_id,
            link_id=link.id,
            user_id=self.user,
            status=LinkStatus.LINKED if account_id else LinkStatus.NEW,
            account_id=account_id,
        )
        # While the bank does not say that the other one has gone, nothing can be decided.
        is_early = isinstance(decided, Failure) and isinstance(decided.error, LinkIsSettled)
        assert isinstance(decided, Success) or is_early, decided

    # What there is

    async def is_settled(self) -> bool:
        connection, _ = await self.state()
        return connection.status is ConnectionStatus.ACTIVE and await self.is_backfilled()

    async def is_backfilled(self) -> bool:
        """Return whether the history of every account that the bank lists was answered."""
        _, links = await self.state()
        return bool(links) and all(
            each.missing or (each.is_entered and each.coverage.is_backfilled) for each in links
        )

    async def state(self) -> tuple[Connection, Sequence[AccountLink]]:
        ports = self.use_cases.ports
        async with ports.unit_of_work(owner=self.user):
            found = await ports.connections.get(self.connection_id, owner=self.user)
            links = await ports.connections.links(self.connection_id, owner=self.user)
        assert isinstance(found, Success)
        assert isinstance(links, Success)
        return found.value, links.value

    async def accounts(self) -> Sequence[Any]:
        listed = await self.use_cases.use(ListAccounts)(user_id=self.user)
        assert isinstance(listed, Success)
        return listed.value

    async def ledger(self) -> dict[str, list[Row]]:
        """Return the transactions of each account, by its name; two of one name are apart."""
        return await sync_to_async(_ledger)(self.user)

    def truth(self) -> dict[str, list[Row]]:
        return {
            name: sorted((each.day, each.amount, each.is_pending) for each in facts)
            for name, facts in self.bank.truth(self.clock.now()).items()
        }

    async def balances(self) -> dict[str, Decimal]:
        return {
            each.account.name: each.balance.amount for each in await self.accounts() if each.balance
        }

    def true_balances(self) -> dict[str, Decimal]:
        today = self.clock.now().date()
        return {plan.name: self.bank.balance(plan, today) for plan in PLANS}


def _expire() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE connections_schedule SET leased_until = now() - interval '1 second'"
            " WHERE leased_until IS NOT NULL"
        )
        cursor.execute(
            "UPDATE outbox_event SET available_at = now(), leased_until = NULL"
            " WHERE delivered_at IS NULL"
        )


def _ledger(user: UserId) -> dict[str, list[Row]]:
    names = dict[Any, str]()
    for account in AccountModel.objects.filter(user=user, removal=None).order_by("id"):
        count = sum(each.split("#")[0] == account.name for each in names.values())
        names[account.id] = f"{account.name}#{count}" if count else account.name
    found: dict[str, list[Row]] = {name: [] for name in names.values()}
    for row in TransactionModel.objects.filter(user=user, removal=None):
        known = found[names[row.account_id]]
        known.append((row.booking_date, row.amount, row.status == "pending"))
    return {name: sorted(rows) for name, rows in found.items()}


@dataclass
class Schedule:
    """What happens on some days, drawn from a seed.

    Either answers have gaps and days are moved, or ids are issued again: of a row under another id
    nobody can say whether it is known if the answer has gaps, or if its day is another one too.
    Days are moved only once there is all of the history: a row that is moved from one window into
    another between the two answers is listed in neither.
    """

    household: Household
    chance: random.Random
    has_gaps: bool
    days: int = 6
    is_moved: bool = False

    async def play(self) -> None:
        for _ in range(self.days):
            await self._draw_bank()
            for _ in range(self.chance.randrange(4)):
                await self._sync()
                self.household.clock.at += timedelta(hours=self.chance.choice([1, 4, 7]))
            if self.chance.randrange(2):
                await self.household.act()
            self._next_day()

    def _next_day(self) -> None:
        clock = self.household.clock
        following = clock.at.date() + self.chance.choice([1, 1, 1, 2, 4]) * ONE_DAY
        clock.at = datetime(following.year, following.month, following.day, 6, tzinfo=UTC)

    async def _draw_bank(self) -> None:
        bank, chance = self.household.bank, self.chance
        bank.troubles = set()
        if chance.randrange(4) == 0 and not self.has_gaps:
            bank.generation += 1
        if chance.randrange(3) == 0:
            bank.troubles = {chance.choice([*LASTING, *GAPS] if self.has_gaps else LASTING)}
        elif chance.randrange(6) == 0:
            bank.links += 1
        elif chance.randrange(4) == 0 and self.has_gaps and await self.household.is_backfilled():
            self.is_moved = True
            bank.troubles = {Trouble.DAYS_MOVED}

    async def _sync(self) -> None:
        household, chance = self.household, self.chance
        household.line.troubles = [
            chance.choice(FAILING) if chance.randrange(4) == 0 else Trouble.NONE for _ in range(4)
        ]
        if chance.randrange(2) and not household.line.is_refused:
            connection, _ = await household.state()
            if connection.may_be_asked:
                await household.sync_now()
        if chance.randrange(5) == 0:
            household.line.before_answer = self._overtaken
        drawn = [self._steps() for _ in range(1 + (chance.randrange(4) == 0))]
        await asyncio.gather(*(household.process(each) for each in drawn))
        household.line.before_answer = None
        if chance.randrange(4):
            await household.expire()

    async def _overtaken(self) -> None:
        """Let another process go on with the connection while this one waits for its answer."""
        await self.household.expire()
        await self.household.process()
        self.household.steps["overtaken"] += 1

    def _steps(self) -> int:
        return self.chance.randrange(1, 260) if self.chance.randrange(3) == 0 else FOR_GOOD

    async def end_cleanly(self) -> None:
        """Let the bank answer cleanly, and the person do what is needed, until all is settled."""
        household = self.household
        household.bank.troubles = set()
        household.line.troubles = []
        for number in range(8):
            household.clock.at += ONE_DAY
            await household.expire()
            await household.act()
            await household.sync_now()
            assert await household.process()
            if number and await household.is_settled():
                break


LASTING = (
    Trouble.ACCOUNT_FAILS,
    Trouble.LOG_IN,
    Trouble.ACCOUNT_CLOSED,
)
GAPS = (Trouble.DATA_MISSING, Trouble.CAPPED)
FAILING = (
    Trouble.PAYMENT,
    Trouble.FORBIDDEN,
    Trouble.QUOTA,
    Trouble.OUTAGE,
    Trouble.TIMEOUT,
    Trouble.CUT,
)
