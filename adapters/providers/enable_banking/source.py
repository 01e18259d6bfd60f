"""Fetches what banks answer through Enable Banking, account by account."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

from adapters.providers.enable_banking.api import NOT_THESE_DAYS, EnableBankingApi, Refusal
from adapters.providers.enable_banking.documents import Answered, document_of
from adapters.providers.enable_banking.sessions import Session, SessionAccount
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
_ENDLESS = trouble(TroubleKind.PROTOCOL, "The bank's answer does not end.")


@dataclass(frozen=True, slots=True)
class EnableBankingSource:
    """`StatementSource` of Enable Banking.

    Banks count how often an account is read in a day without its owner, and neither the pages of an
    answer nor that balances are read beside it. So a fetch counts once for each account.
    """

    api: EnableBankingApi

    async def refresh(
        self, credentials: Credentials, *, now: datetime, meter: RequestMeter
    ) -> Result[Credentials | None, ProviderTrouble]:
        """Return nothing new: a session is good until it ends, and then the person consents."""
        ended = _ended(Session.from_credentials(credentials), now)
        return Failure(ended) if ended else Success(None)

    async def fetch(
        self,
        credentials: Credentials,
        request: StatementRequest,
        *,
        now: datetime,
        meter: RequestMeter,
    ) -> Result[Fetched, ProviderTrouble]:
        session = Session.from_credentials(credentials)
        ended = _ended(session, now)
        if ended:
            return Failure(ended)
        known = {each.key: each for each in session.accounts}
        asked = request.account_keys or [*known]
        documents, problems = list[AccountDocument](), dict[str, AccountProblem]()
        for place, key in enumerate(asked):
            if key not in known:
                problems[key] = _NOT_GRANTED
                continue
            read = await self._account(session, known[key], request.window, now, meter)
            if isinstance(read, ProviderTrouble) and not documents:
                return Failure(read)
            if isinstance(read, ProviderTrouble):
                # It is of all accounts. What was read before is not lost for that.
                problems |= dict.fromkeys(asked[place:], _problem(read))
                break
            if isinstance(read, AccountProblem):
                problems[key] = read
            else:
                documents.append(read)
        return Success(Fetched(accounts=session.reported(), documents=documents, problems=problems))

    async def revoke(self, credentials: Credentials, *, meter: RequestMeter) -> None:
        session = Session.from_credentials(credentials)
        await self.api.call("DELETE", f"/sessions/{quote(session.session_id, safe='')}")

    async def _account(
        self,
        session: Session,
        account: SessionAccount,
        window: Window,
        now: datetime,
        meter: RequestMeter,
    ) -> AccountDocument | AccountProblem | ProviderTrouble:
        """Return what the bank says about an account, or trouble that is not only of this one."""
        if not account.uid:
            return _GONE
        allowed = await meter(account.key)
        if isinstance(allowed, Failure):
            return _problem(allowed.error)
        path = f"/accounts/{quote(account.uid, safe='')}"
        balances = await self.api.call("GET", f"{path}/balances", list_name="balances")
        if isinstance(balances, Failure) and not balances.error.is_of_account:
            return balances.error.trouble
        pages = await self._days(f"{path}/transactions", window, now)
        if isinstance(pages, Refusal):
            return _problem(pages.trouble) if pages.is_of_account else pages.trouble
        # Transactions are worth having even if the bank does not say what they lead to.
        items = balances.value.items if isinstance(balances, Success) else None
        answered = Answered(
            pages=pages[0],
            balances=None if items is None else [item for _, item in items],
            window=pages[1],
            at=now,
        )
        return await asyncio.to_thread(document_of, session, account, answered)

    async def _days(
        self, path: str, window: Window, now: datetime
    ) -> tuple[list[list[object]], Window | None] | Refusal:
        """Return the pages of as many of these days as the bank gives, and which days these are."""
        today = now.astimezone(UTC).date()
        for first in _first_days(window, today):
            shorter = Window(first, window.last)
            pages = await self._pages(path, shorter, today)
            if not isinstance(pages, Refusal):
                return pages, shorter
            if pages.code not in NOT_THESE_DAYS:
                return pages
        return [], None

    async def _pages(self, path: str, window: Window, today: date) -> list[list[object]] | Refusal:
        query = {"date_from": window.first.isoformat()}
        if window.last < today:
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


def _ended(session: Session, now: datetime) -> ProviderTrouble | None:
    return trouble(TroubleKind.CONSENT) if session.valid_until <= now else None
