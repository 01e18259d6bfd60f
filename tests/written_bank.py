"""A bank of SimpleFIN whose accounts are written by whoever uses it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from adapters.providers.http import NO_HEADERS, Reply
from adapters.providers.simplefin import SimpleFinSource
from domain.connections.providers import (
    Fetched,
    ProviderTrouble,
    RequestMeter,
    StatementRequest,
)
from domain.connections.values import Capabilities, Credentials
from domain.shared.result import Result, Success
from tests.simplefin import answer

ACCESS = Credentials(b"https://ada:password@sandbox.invalid/simplefin")
#: One request reaches as far back as there is history, so that one turn is a whole sync.
SHORT = Capabilities(
    window_days=30,
    history_days=29,
    overlap_days=14,
    requests_per_day=24,
    interval=timedelta(hours=12),
)


@dataclass
class WrittenBank:
    """A `StatementSource` over SimpleFIN whose accounts a test writes; some fail, or all of it.

    It is a `Client` too: what it answers takes the way of every answer of a server.
    """

    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    status: int = 200
    requests: int = 0

    def add(self, account: dict[str, Any]) -> None:
        self.accounts[account["id"]] = account

    async def refresh(
        self, credentials: Credentials, *, now: datetime, meter: RequestMeter
    ) -> Result[Credentials | None, ProviderTrouble]:
        return Success(None)

    async def fetch(
        self,
        credentials: Credentials,
        request: StatementRequest,
        *,
        now: datetime,
        meter: RequestMeter,
    ) -> Result[Fetched, ProviderTrouble]:
        return await SimpleFinSource(self).fetch(ACCESS, request, now=now, meter=meter)

    async def revoke(self, credentials: Credentials, *, meter: RequestMeter) -> None:
        """Remember no consent."""

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
        self.requests += 1
        query = parse_qs(urlsplit(url).query)
        wanted = query.get("account", [*self.accounts])
        errors = [
            {"code": "act.failed", "msg": "Failed.", "conn_id": "CON", "account_id": each}
            for each in sorted(self.failing)
        ]
        accounts = [
            {**each, "conn_id": "CON", "transactions": _listed(each["transactions"], query)}
            for each in self.accounts.values()
            if each["id"] in wanted
        ]
        return Success(Reply(self.status, NO_HEADERS, answer(*accounts, errlist=errors)))


def _listed(rows: Sequence[dict[str, Any]], query: Mapping[str, Sequence[str]]) -> list[Any]:
    first, end = (int(query[name][0]) for name in ("start-date", "end-date"))
    return [row for row in rows if first <= (row["posted"] or row["transacted_at"]) < end]
