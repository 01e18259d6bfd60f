"""Puts a case to the program: to `inspect_statement`, or as a new user to the API, in process."""

import io
import json
import re
from collections.abc import AsyncIterator
from contextlib import redirect_stderr
from decimal import Decimal
from typing import Any

from django.core.management import CommandError, call_command

from tests.acceptance.comparison import BOOKED, OVER, PENDING, Case, Outcome, Row, is_like
from tests.api.client import Api

IS_A_QUESTION = re.compile(r"\?|\bsay\b|\btell\b|\bwhich\b|\bchoose\b", re.IGNORECASE)
#: These say that the request is wrong, and not the file.
NO_REFUSAL = {400, 401, 403, 404, 405, 429}
STATUSES = {"pending": PENDING, "posted": BOOKED, "booked": BOOKED}
#: What the API calls a hint that goes by another name in a case.
FIELDS = {"account": "account_name"}


def inspect(case: Case) -> Outcome:
    """Read the one file of a case with the command."""
    [step] = case.steps
    flags = [
        part
        for name, hint in step.get("hints", {}).items()
        for part in (f"--{name.replace('_', '-')}", _as_text(hint))
    ]
    out = io.StringIO()
    try:
        with redirect_stderr(io.StringIO()):
            path = str(case.folder / step["file"])
            call_command("inspect_statement", path, "--format", "json", *flags, stdout=out)
    except CommandError as error:
        message = str(error)
        if message.startswith("Error: "):
            return Outcome(crash=f"the command does not know a hint: {message}")
        is_question = bool(IS_A_QUESTION.search(message))
        return Outcome(message=message, is_refused=True, is_question=is_question)
    except Exception as error:
        return Outcome(crash=f"{type(error).__name__}: {error}")
    return _outcome_of(json.loads(out.getvalue()))


def _outcome_of(document: dict[str, Any]) -> Outcome:
    statements = document["statements"]
    got = Outcome(quarantined=len(document["quarantined"]))
    for statement in statements:
        account = statement["account"]["id"] or ""
        if account not in got.accounts:
            got.accounts.append(account)
        got.reconciliations.append(statement["reconciliation"])
        got.rows += [_row(row, row["date"], account) for row in statement["rows"]]
    if statements:
        got.opening = statements[0]["opening_balance"]
        got.closing = statements[-1]["closing_balance"]
        got.period = [statements[0]["first_day"], statements[-1]["last_day"]]
    return got


def _row(row: dict[str, Any], day: str, account: str) -> Row:
    rate = row.get("exchange_rate")
    status = row.get("status") or ("pending" if row.get("pending") else "posted")
    return Row(
        day=day,
        amount=Decimal(row["amount"]),
        currency=row["currency"],
        text=row["description"] or "",
        status=STATUSES.get(status, OVER),
        account=account,
        exchange_rate=None if rate is None else Decimal(rate),
    )


def _as_text(hint: Any) -> str:
    return json.dumps(hint) if isinstance(hint, bool) else str(hint)


class Trial:
    """A new user who imports the files of a case, one after the other."""

    def __init__(self, case: Case) -> None:
        self._case, self._api, self._got = case, Api(delivers=True), Outcome()
        #: Of each step, the account that its first statement went to.
        self._accounts: list[str] = []

    async def run(self) -> Outcome:
        try:
            await self._api.enter()
            for step in self._case.steps:
                await (self._transfer(step["transfer"]) if "transfer" in step else self._add(step))
                if self._got.is_refused:
                    break
            await self._look()
        except Exception as error:
            self._got.crash = f"{type(error).__name__}: {error}"
        return self._got

    async def _add(self, step: dict[str, Any]) -> None:
        hints: dict[str, Any] = dict(step.get("hints", {}))
        if before := hints.pop("account_of_step", None):
            hints["account_id"] = self._accounts[before - 1]
        fields = {FIELDS.get(name, name): _as_text(hint) for name, hint in hints.items()}
        content = (self._case.folder / step["file"]).read_bytes()
        reply = await self._api.upload(content, name=step["file"], fields=fields)
        answer = self._checked(reply.status_code, reply.json())
        if reply.status_code == 202:
            # It was imported afterwards, and the client has seen to that.
            answer = await self._get(f"imports/{answer['id']}")
        if not self._got.is_refused:
            self._note(answer)

    def _checked(self, status: int, answer: dict[str, Any]) -> dict[str, Any]:
        """Record a refusal; a refusal that no file deserves is a crash."""
        kind = str(answer.get("type"))
        if status in NO_REFUSAL or status >= 500 or "invalid-body" in kind:
            raise RuntimeError(f"{status} {answer}")
        if status >= 400:
            self._got.is_refused, self._got.is_question = True, "hint" in kind
            self._got.message = str(answer.get("detail") or answer.get("title"))
        return answer

    def _note(self, answer: dict[str, Any]) -> None:
        got, statements = self._got, answer["statements"]
        self._accounts.append(statements[0]["account_id"] if statements else "")
        got.reconciliations += [statement["reconciliation"] for statement in statements]
        got.quarantined += answer.get("quarantined_total", len(answer["quarantined"]))
        counts = {name: count for name, count in answer.items() if type(count) is int}
        got.verdicts.append(counts)
        if statements:
            opening, closing = statements[0].get("opening"), statements[-1].get("closing")
            got.opening = got.opening or (opening and opening["amount"])
            got.closing = closing and closing["amount"]

    async def _transfer(self, step: dict[str, Any]) -> None:
        legs = {f"{end}_id": await self._find(step[end]) for end in ("outgoing", "incoming")}
        reply = await self._api.post("transfers", {**legs, "decision": step["decision"]})
        self._checked(reply.status_code, reply.json())

    async def _find(self, expected: list[Any]) -> str:
        async for account in self._items("accounts"):
            async for item in self._items(f"accounts/{account['id']}/transactions"):
                if is_like(expected, _row(item, item["booking_date"], "")):
                    return str(item["id"])
        raise RuntimeError(f"there is no row {expected}")

    async def _look(self) -> None:
        """Read what the ledger contains in the end."""
        got = self._got
        async for account in self._items("accounts"):
            number = account.get("number") or account.get("name") or account["id"]
            got.accounts.append(number)
            async for row in self._items(f"accounts/{account['id']}/transactions"):
                got.rows.append(_row(row, row["booking_date"], number))
        got.rows.sort(key=lambda row: (row.day, row.amount, row.text))
        for one in self._case.alternatives:
            for day, _, currency in one.get("net_worth", []):
                answer = await self._get(f"net-worth?date_from={day}&date_to={day}")
                cash = [Decimal(i["cash"]) for i in answer["items"] if i["currency"] == currency]
                got.net_worth[day, currency] = sum(cash, Decimal(0))
        got.transfers = len([item async for item in self._items("transfers?status=confirmed")])

    async def _items(self, path: str) -> AsyncIterator[dict[str, Any]]:
        cursor = ""
        while True:
            page = await self._get(f"{path}{cursor}")
            for item in page["items"]:
                yield item
            if not page.get("next_cursor"):
                return
            cursor = f"{'&' if '?' in path else '?'}cursor={page['next_cursor']}"

    async def _get(self, path: str) -> Any:
        reply = await self._api.get(path)
        if reply.status_code >= 300:
            raise RuntimeError(f"GET {path}: {reply.status_code} {reply.text}")
        return reply.json()
