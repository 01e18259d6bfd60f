"""What a server answered: the accounts there are, a document of each, and the problems."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote

from adapters.providers.simplefin.errors import NO_MONEY, Level, Stated, errors_of
from adapters.statements.limits import MAX_ACCOUNTS, MAX_ID
from adapters.statements.simplefin.text import clean, day, institution_of
from domain.connections.providers import AccountDocument, AccountProblem, Fetched, ReportedAccount
from domain.connections.values import Window
from domain.shared.money import is_currency

Members = Mapping[str, Any]

# The moment of a balance, which changes although nothing else does.
_VOLATILE = ("balance-date",)


class NotAnAnswer(Exception):
    """The bytes are not what SimpleFIN calls an account set."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked: these days, of these accounts or of all, at this moment."""

    window: Window
    account_keys: Sequence[str]
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(UTC).date()

    @property
    def answerable(self) -> Window:
        """The days that an answer of now can cover: none of them is yet to come."""
        first, last = self.window.first, self.window.last
        return Window(first, max(first, min(last, self.today)))


@dataclass(frozen=True, slots=True)
class _Account:
    """An account of the answer, and how it is known."""

    key: str
    id: str
    bank: str
    members: dict[str, Any] = field(repr=False)
    connection: Members = field(repr=False)

    @property
    def currency(self) -> str:
        return word(self.members, "currency").upper()

    @property
    def reported(self) -> ReportedAccount:
        return ReportedAccount(
            key=self.key,
            name=word(self.members, "name")[:MAX_ID],
            number=self.id,
            institution=institution_of(self.members, self.connection)[:MAX_ID],
            currency=self.currency if is_currency(self.currency) else "",
            kind="investment" if _items(self.members, "holdings") else "other",
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, read: it is `refused` if the server does not accept the credentials."""

    accounts: Sequence[_Account]
    errors: Sequence[Stated]

    @classmethod
    def parse(cls, content: bytes) -> "Answer":
        """Read an answer of either version; raise `NotAnAnswer` if it is none."""
        try:
            whole = json.loads(content, parse_float=str, parse_constant=str)
        except (ValueError, RecursionError):
            raise NotAnAnswer from None
        if not isinstance(whole, dict) or not isinstance(whole.get("accounts"), list):
            raise NotAnAnswer
        connections = {word(each, "conn_id"): each for each in _items(whole, "connections")}
        listed = [
            _account(each, connections)
            for each in _items(whole, "accounts")[:MAX_ACCOUNTS]
            if word(each, "id")
        ]
        accounts = {each.key: each for each in listed if len(each.key) <= MAX_ID}
        return cls([*accounts.values()], errors_of(whole, _banks(listed)))

    @property
    def is_refused(self) -> bool:
        return any(each.is_refusal for each in self.errors)

    def fetched(self, asked: Asked) -> Fetched:
        """Return the documents and problems of the accounts that were asked."""
        problems, gaps = self._problems(), self._gaps()
        documents = [
            document
            for account in self.accounts
            if account.key not in problems
            and (document := _document(account, asked, self._is_whole(account)))
        ]
        # What there is of an account with gaps is imported, but covers no day.
        documents = [replace(e, window=None) if e.account_key in gaps else e for e in documents]
        problems = {**gaps, **problems}
        silent = {e.key for e in self.accounts if self._is_whole(e)} - problems.keys()
        silent -= {each.account_key for each in documents}
        unlisted = problems.keys() - {each.key for each in self.accounts}
        reported = [each.reported for each in self.accounts]
        reported += [ReportedAccount(key=key, name="") for key in sorted(unlisted)]
        return Fetched(
            accounts=reported,
            documents=documents,
            problems=problems,
            nothing_booked=dict.fromkeys(silent, asked.answerable),
            unlisted=self._unlisted(),
        )

    def _unlisted(self) -> AccountProblem | None:
        """Return the trouble with a bank whose accounts are not listed for that."""
        banks = {each.bank for each in self.accounts}
        lacking = (e for e in self.errors if e.connection and e.connection not in banks)
        return next((each.problem for each in lacking if not each.account), None)

    def _problems(self) -> dict[str, AccountProblem]:
        problems = {
            each.key: NO_MONEY
            for each in self.accounts
            if each.currency and not is_currency(each.currency)
        }
        for error in self.errors:
            if error.is_about_days or error.is_refusal:
                continue
            concerned = [each.key for each in self.accounts if _concerns(error, each)]
            if not concerned and error.connection and error.account:
                # It may fail so badly that it is not listed: it has not gone for all that.
                concerned = [key_of(error.connection, error.account)[:MAX_ID]]
            problems |= dict.fromkeys(concerned, error.problem)
        return problems

    def _gaps(self) -> dict[str, AccountProblem]:
        """Return the accounts of which some rows are not answered, and nobody knows which."""
        return {
            account.key: error.problem
            for account in self.accounts
            for error in self.errors
            if error.is_about_gaps and _concerns(error, account)
        }

    def _is_whole(self, account: _Account) -> bool:
        """Return whether nothing says that days of an account are missing."""
        return not any(each.is_about_days and _concerns(each, account) for each in self.errors)


def _concerns(error: Stated, account: _Account) -> bool:
    if error.level is Level.SERVER:
        return True
    if error.connection and error.connection != account.bank:
        return False
    return not error.account or error.account == account.id


def _account(members: dict[str, Any], connections: Mapping[str, Members]) -> _Account:
    org = members.get("org") if isinstance(members.get("org"), dict) else {}
    assert isinstance(org, dict)
    bank = word(members, "conn_id") or word(org, "domain") or word(org, "name")
    number = word(members, "id")
    connection = connections.get(word(members, "conn_id"), {})
    return _Account(key_of(bank, number), number, bank, members, connection)


def key_of(bank: str, number: str) -> str:
    """Return the key of an account: its id is unique only within its connection or its bank."""
    return f"{bank}/{quote(number, safe='')}"


def id_in(key: str) -> str:
    """Return the id of an account, by which a server knows it."""
    return unquote(key.rpartition("/")[2])


def _banks(accounts: Sequence[_Account]) -> Mapping[str, Sequence[str]]:
    """Return the names by which sentences may call the banks of an answer."""
    names = defaultdict[str, set[str]](set)
    for each in accounts:
        org = each.members.get("org")
        domain = word(org, "domain") if isinstance(org, dict) else ""
        names[each.bank] |= {institution_of(each.members, each.connection), domain} - {""}
    return {bank: sorted(each) for bank, each in names.items()}


def _document(account: _Account, asked: Asked, is_whole: bool) -> AccountDocument | None:
    """Return the document of an account; none if nothing was booked on days of the past."""
    answered = asked.answerable if is_whole else _answered(account.members)
    rows = _items(account.members, "transactions")
    if is_whole and not rows and asked.answerable.last < asked.today:
        return None
    return AccountDocument(
        account_key=account.key,
        content=_content(account, asked, answered if is_whole else None),
        file_name=f"simplefin-{asked.window.first}-{asked.window.last}.json",
        fingerprint=_fingerprint(account),
        window=answered,
    )


def _content(account: _Account, asked: Asked, whole: Window | None) -> bytes:
    """Return what was said of an account, and which days are listed as a whole."""
    retrieval: dict[str, Any] = {
        "retrieved_at": asked.now.astimezone(UTC).isoformat(timespec="seconds"),
        "complete": whole is not None,
    }
    if whole:
        retrieval |= {"first_day": str(whole.first), "last_day": str(whole.last)}
    content = {
        "retrieval": retrieval,
        **({"connections": [account.connection]} if account.connection else {}),
        "accounts": [account.members],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode(errors="replace")


def _answered(members: Members) -> Window | None:
    """Return the days from the first row to the last one: more is not known to be answered."""
    days = [found for each in _items(members, "transactions") if (found := _day(each))]
    return Window(min(days), max(days)) if days else None


def _day(row: Members) -> date | None:
    return day({"posted": word(row, "posted")}, "posted")


def _fingerprint(account: _Account) -> bytes:
    """Return a digest of what an answer says of an account, in whatever order it says so."""
    said = {name: each for name, each in account.members.items() if name not in _VOLATILE}
    for name in ("transactions", "holdings"):
        if isinstance(said.get(name), list):
            said[name] = sorted(json.dumps(each, sort_keys=True) for each in said[name])
    text = json.dumps([said, account.connection], sort_keys=True)
    return sha256(text.encode()).digest()


def _items(members: Members, name: str) -> list[dict[str, Any]]:
    """Return the objects of an array."""
    found = members.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def word(members: Members, name: str) -> str:
    """Return a text, or a whole number as text."""
    value = members.get(name)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return clean(str(value) if is_number else value)
