"""The reference of all words of the API, made from the code: `make reference` writes it.

Words without a meaning here, and meanings without a word, are found by a test.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from importlib import import_module
from pathlib import Path

from domain.connections.providers import TroubleKind
from domain.connections.values import ConnectionStatus, DueReason, LinkStatus, Need
from domain.identity.values import Scope
from domain.ledger.balances import BalanceSource
from domain.ledger.changes import ChangedResource, ChangeKind
from domain.ledger.continuity import DiscrepancyKind
from domain.ledger.exchange_rates import RateSource
from domain.ledger.imports import ImportStatus
from domain.ledger.kinds import AccountKind, BalanceKind, TransactionKind
from domain.ledger.suggested_matches import MatchStatus
from domain.ledger.transfers import TransferStatus
from domain.ledger.values import MatchResult, Reconciliation, TransactionStatus
from domain.shared.errors import DomainError

_ROOT = Path(__file__).parent.parent
_PACKAGES = ("domain", "dashtam", "adapters")

#: The sections of the page: where a word is met, and what each means.
WORDS: Mapping[type[StrEnum], tuple[str, str, Mapping[str, str]]] = {
    MatchResult: (
        "Match results",
        "The `result` of a row of an import or a preview",
        {
            "new": "is a transaction that was not there before",
            "same": "is in the ledger already",
            "updates": "books a transaction that was pending, and brings it up to date",
            "conflict": "has the bank's id of another transaction and contradicts it; both stay",
            "deleted": "is a transaction that you deleted, and stays deleted",
        },
    ),
    ImportStatus: (
        "Statuses of imports and previews",
        "The `status` of an import or a preview",
        {
            "waiting": "waits for its turn",
            "running": "is being read and posted",
            "asked": "has open questions; its file is stored until they are answered",
            "done": "is in the ledger",
            "failed": "could not be imported; `error` says why",
            "undone": "was undone",
        },
    ),
    TransactionStatus: (
        "Statuses of transactions",
        "The `status` of a transaction",
        {
            "pending": "is announced by the bank and may still change or vanish",
            "posted": "is booked",
        },
    ),
    TransactionKind: (
        "Kinds of transactions",
        "The `kind` of a transaction (OFX 2.2, 11.4.3.1 and 13.9.2)",
        {
            "credit": "money came in, and no more is known",
            "debit": "money went out, and no more is known",
            "interest": "interest, earned or paid",
            "dividend": "a dividend",
            "fee": "a fee",
            "service_charge": "a charge for a service of the bank",
            "deposit": "a deposit",
            "atm": "at a cash machine",
            "point_of_sale": "with a card in a shop",
            "transfer": "between accounts",
            "check": "a cheque",
            "payment": "an electronic payment",
            "cash": "cash at a counter",
            "direct_deposit": "a wage or another regular payment by its payer",
            "direct_debit": "taken by the payee",
            "repeating_payment": "a standing order",
            "hold": "an amount that is reserved",
            "buy": "securities were bought",
            "sell": "securities were sold",
            "income": "income from securities",
            "reinvestment": "income that bought securities at once",
            "return_of_capital": "capital that was paid back",
            "split": "securities were split",
            "other": "anything else",
        },
    ),
    AccountKind: (
        "Kinds of accounts",
        "The `kind` of an account",
        {
            "checking": "a current account",
            "savings": "a savings account",
            "money_market": "a money market account",
            "credit_line": "a line of credit",
            "certificate_of_deposit": "a deposit for a fixed term",
            "credit_card": "a credit card",
            "investment": "securities, and the cash beside them",
            "other": "any other account",
        },
    ),
    BalanceKind: (
        "Kinds of balances",
        "The `kind` of a stated balance",
        {
            "booked": "of all booked transactions, at the end of the day",
            "available": "what can be spent, with pending transactions and credit",
            "opening": "at the beginning of a statement",
        },
    ),
    BalanceSource: (
        "Sources of balances",
        "The `source` of the balance of a day",
        {
            "stated": "was stated by the bank for that day",
            "derived": "follows from the nearest stated balance and the booked transactions",
            "unknown": "is not known, because no balance was ever stated",
        },
    ),
    RateSource: (
        "Sources of exchange rates",
        "The `source` of exchange rates",
        {
            "ecb": "a file of the European Central Bank",
            "transaction": "an exchange between two accounts, confirmed as a transfer",
            "typed": "typed by you",
        },
    ),
    Reconciliation: (
        "Reconciliation",
        "The `reconciliation` of a statement, of the ledger and of an account",
        {
            "balanced": "the transactions add up to the difference of the balances",
            "unbalanced": "they do not",
            "unknown": "a balance is missing, or a row could not be read",
        },
    ),
    DiscrepancyKind: (
        "Discrepancies",
        "The `kind` of a discrepancy between two statements",
        {
            "gap": "days between them are missing",
            "overlap": "both cover some of the same days",
        },
    ),
    TransferStatus: (
        "Statuses of transfers",
        "The `status` of two transactions that may be a transfer",
        {
            "suggested": "fits, and nobody decided yet",
            "confirmed": "is one transfer, by your decision",
            "refused": "is none, by your decision",
        },
    ),
    MatchStatus: (
        "Statuses of matches",
        "The `status` of two transactions that may be the same",
        {
            "suggested": "may be the same, and nobody decided yet",
            "confirmed": "are the same, by your decision, and have become one",
            "refused": "are two, by your decision",
        },
    ),
    ChangedResource: (
        "Resources of the feed",
        "The `resource` of a change",
        {
            "account": "an account",
            "transaction": "a transaction",
            "balance": "a stated balance",
            "holding": "a position in a security",
            "category": "a category of the user's",
        },
    ),
    ChangeKind: (
        "Changes of the feed",
        "The `change` of a version",
        {
            "added": "is there for the first time, or again",
            "modified": "has another content",
            "removed": "is no longer there",
        },
    ),
    Scope: (
        "Scopes",
        "The scope of an API token, and what it allows",
        {
            "read:accounts": "reading accounts, balances, holdings, net worth and rates",
            "read:transactions": "reading transactions, transfers and matches",
            "write:transactions": "changing transactions, transfers, matches and typed rates",
            "read:imports": "reading imports, formats and CSV profiles",
            "write:imports": "importing files and rates, undoing imports, changing CSV profiles",
            "read:connections": "reading providers, connections and the accounts they report",
            "write:connections": "beginning, renewing, syncing, linking and ending connections",
        },
    ),
    ConnectionStatus: (
        "Statuses of connections",
        "The `status` of a connection",
        {
            "authorising": "waits until its person has let Dashtam read their accounts",
            "active": "is synced by itself",
            "partial": "is synced by itself, but some of its accounts cannot be read",
            "needs_person": "goes on when its person has acted; `need` says what is needed",
            "paused": "is synced only on request",
            "revoked": "was ended; what it has brought stays in the ledger",
        },
    ),
    Need: (
        "What connections need",
        "The `need` of a connection",
        {
            "consent": "a consent: there is none any more",
            "credentials": "other credentials: the bank has refused these",
            "payment": "a payment to the provider",
            "tan": "a TAN, or a confirmation in the bank's app",
        },
    ),
    LinkStatus: (
        "Statuses of accounts of connections",
        "The `status` of an account that a provider reports",
        {
            "new": "becomes an account of its own, or joins one, at the next sync",
            "asked": "resembles accounts of yours (`candidates`): you say whether it is one",
            "linked": "fills the account `account_id`",
            "ignored": "is never imported",
        },
    ),
    TroubleKind: (
        "Trouble with providers",
        "The `problem` of an account of a connection",
        {
            "authentication": "the credentials were refused",
            "consent": "the consent has ended, or does not include this",
            "payment": "the provider wants to be paid",
            "interaction": "the bank wants a TAN, or a confirmation in its app",
            "quota": "nothing more may be asked for a while",
            "transient": "the bank or the network is away for a while",
            "gone": "it does not exist any more",
            "protocol": "the answer was not understood",
        },
    ),
    DueReason: (
        "Why a connection is due",
        "The `next_attempt_reason` of a connection",
        {
            "interval": "the usual time has passed",
            "requested": "somebody has asked for a sync",
            "quota": "nothing may be asked before",
            "outage": "the last attempt failed, and the pauses grow",
            "backfill": "older days are still lacking",
            "answered": "somebody has authorised it, or linked an account",
        },
    ),
}


def page() -> str:
    """Return the reference as Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Reference"
    yield ""
    yield "All words that the API answers with, made from the code by `make reference`."
    yield "[The API](api.md) says what they are about."
    for kind, (title, where, meanings) in WORDS.items():
        yield from ("", f"## {title}", "", f"{where}:", "", "| word | |", "|---|---|")
        yield from (f"| `{word}` | {meanings[word]} |" for word in kind)
    yield from ("", "## Problems", "")
    yield "The `type` of a problem is `/problems/` and its code. The status is that of the answer."
    yield from ("", "| code | status | |", "|---|---|---|")
    yield from (f"| `{code}` | {status} | {text} |" for code, status, text in _problems())


def _problems() -> Iterator[tuple[str, int, str]]:
    """Yield code, status and meaning of every error that an answer may have."""
    from dashtam.api.problems import STATUS

    for error in sorted(errors(), key=lambda each: (each.code, each.__module__)):
        status = next((STATUS[kind] for kind in error.__mro__ if kind in STATUS), None)
        if status is not None:
            text = (error.__doc__ or "").partition("\n\n")[0]
            yield error.code, int(status), " ".join(text.split()).removesuffix(".")


def errors() -> set[type[DomainError]]:
    """Return all errors with a code of their own, once every module that has some is loaded."""
    for package in _PACKAGES:
        for path in sorted((_ROOT / package).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if "DomainE" in text or "errors import" in text:
                parts = path.relative_to(_ROOT).with_suffix("").parts
                import_module(".".join(parts).removesuffix(".__init__"))
    return {each for each in _below(DomainError) if each.__module__.startswith(_PACKAGES)}


def _below(error: type[DomainError]) -> Iterator[type[DomainError]]:
    for each in error.__subclasses__():
        yield each
        yield from _below(each)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashtam.settings")
    import django

    django.setup()
    sys.stdout.write(page())


if __name__ == "__main__":
    main()
