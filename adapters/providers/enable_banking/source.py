"""Fetches what banks answer through Enable Banking, account by account."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

from adapters.providers.enable_banking.api import NOT_THESE_DAYS, EnableBankingApi, Refusal
from adapters.providers.enable_banking.documents import Answered, document_of
from adapters.providers.enable_banking.sessions import Session
from adapters.providers.troubles import trouble
from domain.connections.providers import (
    AccountDocument,
    AccountProblem,
    Fetched,
    ProviderTrouble,
    RequestMeter,
    StatementRequest,
    TroubleKind,
)
from domain.connections.values import Credentials, Window
from domain.shared.result import Failure, Result, Success

#: Pages of one answer, and transactions on all of them.
MAX_PAGES, MAX_TRANSACTIONS = 500, 20_000
#: Without their customer present, banks need not give more than 90 days; some give fewer.
_SHORTER = (timedelta(days=88), timedelta(days=29))


def _problem(wrong: ProviderTrouble) -> AccountProblem:
    return AccountProblem(kind=wrong.kind, detail=wrong.detail)


_GONE = _problem(trouble(TroubleKind.GONE, "The bank does not let this account be read."))
_NOT_GRANTED = _problem(trouble(TroubleKind.GONE, "Your consent does not cover this account."))
_NO_DAYS = _problem(trouble(TroubleKind.PROTOCOL, "The bank does not list the latest days."))
_SLOW = _problem(trouble(TroubleKind.TRANSIENT, "The bank takes too long to answer."))
_ENDLESS = trouble(TroubleKind.PROTOCOL, "The bank's answer does not end.")


_Outcome = AccountDocument | AccountProblem | ProviderTrouble | Window | None


@dataclass(frozen=True, slots=True)
class EnableBankingSource:
    """`StatementSource` of Enable Banking.

    Banks count how often an account is read in a day without its owner, and neither the pages of an
    answer nor that balances are read beside it. So a fetch counts once for each account.
    """

    api: EnableBankingApi
    #: Seconds; the lease of a sync is a little longer.
    longest_fetch: float = 100.0

    async def refresh(
        self, credentials: Credentials, *, now: datetime, meter: RequestMeter
    ) -> Result[Credentials | None, ProviderTrouble]:
        """Return nothing new: a session is good until it ends, and then the person consents."""
        session = _valid(credentials, now)
        return session if isinstance(session, Failure) else Success(None)

    async def fetch(
        self,
        credentials: Credentials,
        request: StatementRequest,
        *,
        now: datetime,
        meter: RequestMeter,
    ) -> Result[Fetched, ProviderTrouble]:
        valid = _valid(credentials, now)
        if isinstance(valid, Failure):
            return valid
        session = valid.value
        reading = _Reading(self.api, session, request.window, now, meter)
        deadline = asyncio.get_running_loop().time() + self.longest_fetch
        found = _Found()
        asked = request.account_keys or [each.key for each in session.accounts]
        for place, key in enumerate(asked):
            try:
                async with asyncio.timeout_at(deadline):
                    found.add(key, await reading.account(key))
            except TimeoutError:
                found.add(key, _SLOW)
            if found.trouble and not found.documents:
                return Failure(found.trouble)
            if found.trouble:
                # It is of all accounts. What was read before is not lost for that.
                found.problems |= dict.fromkeys(asked[place:], _problem(found.trouble))
                break
        return Success(found.fetched(session))

    async def revoke(self, credentials: Credentials, *, meter: RequestMeter) -> None:
        session = Session.from_credentials(credentials)
        if session:
            _ = await self.api.call("DELETE", f"/sessions/{quote(session.session_id, safe='')}")


@dataclass(slots=True)
class _Found:
    """What was found out about accounts; trouble is not only of one."""

    documents: list[AccountDocument] = field(default_factory=list)
    problems: dict[str, AccountProblem] = field(default_factory=dict)
    nothing_booked: dict[str, Window] = field(default_factory=dict)
    trouble: ProviderTrouble | None = None

    def add(self, key: str, outcome: _Outcome) -> None:
        match outcome:
            case AccountDocument():
                self.documents.append(outcome)
            case AccountProblem():
                self.problems[key] = outcome
            case Window():
                self.nothing_booked[key] = outcome
            case ProviderTrouble() | None:
                self.trouble = outcome

    def fetched(self, session: Session) -> Fetched:
        return Fetched(
            accounts=session.reported(),
            documents=self.documents,
            problems=self.problems,
            nothing_booked=self.nothing_booked,
        )


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads the same days of one account after another."""

    api: EnableBankingApi
    session: Session
    window: Window
    now: datetime
    meter: RequestMeter

    async def account(self, key: str) -> _Outcome:
        """Return what the bank says about an account.

        It is a window if nothing was booked in these days of history, and nothing at all if the
        bank does not give them: then it has no more history.
        """
        account = next((each for each in self.session.accounts if each.key == key), None)
        if account is None:
            return _NOT_GRANTED
        if not account.uid:
            return _GONE
        allowed = await self.meter(key)
        if isinstance(allowed, Failure):
            return allowed.error
        path = f"/accounts/{quote(account.uid, safe='')}"
        balances = await self._balances(f"{path}/balances")
        if isinstance(balances, ProviderTrouble):
            return balances
        read = await self._days(f"{path}/transactions")
        if isinstance(read, Refusal):
            return _problem(read.trouble) if read.is_of_account else read.trouble
        if read is None:
            return _NO_DAYS if self._is_latest else None
        pages, window = read
        if not self._is_latest and not any(pages):
            return window
        answered = Answered(pages=pages, balances=balances, window=window, at=self.now)
        return await asyncio.to_thread(document_of, self.session, account, answered)

    @property
    def _today(self) -> date:
        return self.now.astimezone(UTC).date()

    @property
    def _is_latest(self) -> bool:
        """Whether the days reach up to now, and are not only history."""
        return self.window.last >= self._today

    async def _balances(self, path: str) -> list[object] | ProviderTrouble | None:
        """Return the balances of now; transactions are worth having even if there are none."""
        if not self._is_latest:
            return None
        answer = await self.api.call("GET", path, list_name="balances")
        if isinstance(answer, Success):
            return [item for _, item in answer.value.items]
        return None if answer.error.is_of_account else answer.error.trouble

    async def _days(self, path: str) -> tuple[list[list[object]], Window] | Refusal | None:
        """Return the pages of as many of these days as the bank gives, and which days these are."""
        for first in _first_days(self.window, self._today):
            window = Window(first, self.window.last)
            pages = await self._pages(path, window)
            if not isinstance(pages, Refusal):
                return pages, window
            if pages.code not in NOT_THESE_DAYS:
                return pages
        return None

    async def _pages(self, path: str, window: Window) -> list[list[object]] | Refusal:
        query = {"date_from": window.first.isoformat()}
        if not self._is_latest:
            # Up to now there is no end: what is pending may have any date.
            query["date_to"] = window.last.isoformat()
        pages, count, keys = list[list[object]](), 0, set[str]()
        while len(pages) < MAX_PAGES and count <= MAX_TRANSACTIONS:
            answer = await self.api.call("GET", path, query=query, list_name="transactions")
            if isinstance(answer, Failure):
                return answer.error
            pages.append([item for _, item in answer.value.items])
            count += len(pages[-1])
            key = answer.value.members.get("continuation_key")
            if not key:
                return pages
            if not isinstance(key, str) or key in keys:
                break
            keys.add(key)
            query["continuation_key"] = key
        return Refusal(_ENDLESS)


def _first_days(window: Window, today: date) -> Iterator[date]:
    """Yield the first day to ask for, and later ones, each to be tried if the bank refuses."""
    yield window.first
    for length in _SHORTER:
        if window.first < today - length <= window.last:
            yield today - length


def _valid(credentials: Credentials, now: datetime) -> Result[Session, ProviderTrouble]:
    session = Session.from_credentials(credentials)
    if session is None or session.valid_until <= now:
        return Failure(trouble(TroubleKind.CONSENT))
    return Success(session)
