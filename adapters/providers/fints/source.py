"""Fetches statements from a bank. Nobody is there to confirm anything, so nothing is confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from adapters.providers.fints.access import Access, BankAccount
from adapters.providers.fints.bank import Bank
from adapters.providers.fints.client import BankClient
from adapters.providers.fints.connection import BankError
from adapters.providers.fints.statements import BankStatements, statements
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

# Trouble of one account; after any other kind, the bank is not asked for the next one either.
_OF_ACCOUNT = (TroubleKind.PROTOCOL, TroubleKind.GONE)


@dataclass
class _Answers:
    """What was answered so far, by the keys of accounts."""

    statements: dict[str, BankStatements] = field(default_factory=dict)
    troubles: dict[str, ProviderTrouble] = field(default_factory=dict)


class FinTsSource:
    """`StatementSource` of one bank for each access. A request is a dialog, whatever its pages."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    async def refresh(
        self, credentials: Credentials, *, now: datetime, meter: RequestMeter
    ) -> Result[Credentials | None, ProviderTrouble]:
        """Return nothing: a login and its PIN are valid until the person changes them."""
        return Success(None)

    async def fetch(
        self,
        credentials: Credentials,
        request: StatementRequest,
        *,
        now: datetime,
        meter: RequestMeter,
    ) -> Result[Fetched, ProviderTrouble]:
        access = Access.from_bytes(credentials.secret)
        if access is None:
            return Failure(trouble(TroubleKind.AUTHENTICATION))
        answers = _Answers()
        asked = await _allowed(access, request, meter, answers)
        if asked:
            work = partial(_ask, accounts=asked, window=request.window, answers=answers)
            done = await self._bank.run(access, work, now)
            if isinstance(done, Failure):
                assert isinstance(done.error, ProviderTrouble)
                return Failure(done.error)
        serious = [each for each in answers.troubles.values() if each.kind not in _OF_ACCOUNT]
        refused = [each for each in serious if each.kind is TroubleKind.AUTHENTICATION]
        if refused or (serious and not answers.statements):
            # A PIN that was refused is not sent again, whatever was answered before.
            return Failure([*refused, *serious][0])
        return Success(_fetched(access, answers, request.window))

    async def revoke(self, credentials: Credentials, *, meter: RequestMeter) -> None:
        """Do nothing: a bank knows of no consent beside the PIN, which the person may change."""


async def _allowed(
    access: Access, request: StatementRequest, meter: RequestMeter, answers: _Answers
) -> Sequence[BankAccount]:
    """Count a request of each account; return the accounts that may be asked about."""
    known = {each.key: each for each in access.accounts}
    asked = list[BankAccount]()
    for key in request.account_keys or known:
        allowed = await meter(key) if key in known else Failure(trouble(TroubleKind.GONE))
        if isinstance(allowed, Failure):
            answers.troubles[key] = allowed.error
        else:
            asked.append(known[key])
    return asked


def _ask(
    client: BankClient, accounts: Sequence[BankAccount], window: Window, answers: _Answers
) -> None:
    """Log in once, and ask for one account after the other."""
    if client.log_in() is not None:
        raise BankError(trouble(TroubleKind.INTERACTION))
    for place, account in enumerate(accounts):
        try:
            answers.statements[account.key] = statements(client, account, window)
        except BankError as error:
            is_of_account = error.trouble.kind in _OF_ACCOUNT
            for each in [account] if is_of_account else accounts[place:]:
                answers.troubles[each.key] = error.trouble
            if not is_of_account:
                return


def _fetched(access: Access, answers: _Answers, window: Window) -> Fetched:
    found = answers.statements.items()
    return Fetched(
        accounts=[each.reported() for each in access.accounts],
        documents=[_document(key, each, window) for key, each in found if each.content],
        problems={
            key: AccountProblem(kind=each.kind, detail=each.detail)
            for key, each in answers.troubles.items()
        },
        nothing_booked={key: window for key, each in found if not each.content},
    )


def _document(key: str, answered: BankStatements, window: Window) -> AccountDocument:
    return AccountDocument(
        account_key=key,
        content=answered.content,
        file_name=f"fints-{window.first}-{window.last}.{answered.suffix}",
        fingerprint=answered.fingerprint,
        window=window,
    )
