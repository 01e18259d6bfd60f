"""Accounts of a provider, and the accounts of the ledger that they fill."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Self, TypedDict
from uuid import UUID

from domain.connections.actions import LINK_IGNORED
from domain.connections.errors import LinkIsSettled
from domain.connections.events import AccountLinked
from domain.connections.providers import (
    AccountDocument,
    AccountProblem,
    ReportedAccount,
    TroubleKind,
)
from domain.connections.values import Coverage, LinkStatus, Window
from domain.shared.events import Actor, AuditRecord
from domain.shared.ids import AccountId, ConnectionId, ImportId, UserId
from domain.shared.result import Failure, Result, Success
from domain.shared.text import UNSTORABLE

#: After so many complete answers without it, an account is no longer asked for.
GONE_AFTER = 3
#: The most characters of what a provider says of an account, of its kind, and of a problem.
MAX_TEXT, MAX_KIND, MAX_DETAIL = 255, 32, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLink:
    """An account as a provider reports it, and the account of the ledger that it fills.

    `candidates` are accounts that it may be, while a person is `ASKED`. The days from
    `covered_from` to `covered_to` are in the ledger, and `wanted_from` is how far back to ask.
    `fingerprint` is that of the last document, and `import_id` the import of the last one that said
    anything new. While the account cannot be read, `problem` says why since `problem_since`.
    """

    id: UUID
    user_id: UserId
    connection_id: ConnectionId
    account_key: str = field(repr=False)
    name: str = field(repr=False)
    number: str = field(repr=False)
    institution: str
    currency: str
    kind: str
    status: LinkStatus = LinkStatus.NEW
    account_id: AccountId | None = None
    candidates: frozenset[UUID] = frozenset()
    linked_at: datetime | None = None
    wanted_from: date
    covered_from: date | None = None
    covered_to: date | None = None
    answered_at: datetime | None = None
    fingerprint: bytes = field(default=b"", repr=False)
    import_id: ImportId | None = None
    missing: int = 0
    problem: TroubleKind | None = None
    problem_detail: str = field(default="", repr=False)
    problem_since: datetime | None = None

    @classmethod
    def of(
        cls,
        reported: ReportedAccount,
        *,
        id: UUID,
        user_id: UserId,
        connection_id: ConnectionId,
        wanted_from: date,
    ) -> Self:
        return cls(
            id=id,
            user_id=user_id,
            connection_id=connection_id,
            account_key=reported.key,
            wanted_from=wanted_from,
            **_described(reported),
        )

    @property
    def coverage(self) -> Coverage:
        window = (
            Window(self.covered_from, self.covered_to)
            if self.covered_from and self.covered_to
            else None
        )
        return Coverage(
            wanted_from=self.wanted_from,
            window=window,
            answered_at=self.answered_at,
            is_failing=self.problem is not None,
        )

    @property
    def is_asked_for(self) -> bool:
        """Whether statements of the account are still asked for."""
        return self.status is not LinkStatus.IGNORED and self.missing < GONE_AFTER

    @property
    def may_be_entered(self) -> bool:
        """Whether anything of the account is imported without a decision of a person."""
        return self.status in (LinkStatus.NEW, LinkStatus.LINKED)

    @property
    def is_entered(self) -> bool:
        """Whether what is answered of the account is imported."""
        return self.status is LinkStatus.LINKED

    def reported(self, account: ReportedAccount) -> Self:
        """Return it as the provider describes it now; what it leaves out stays as it was."""
        said = _described(account)
        return replace(
            self,
            account_key=account.key,
            name=said["name"] or self.name,
            number=said["number"] or self.number,
            institution=said["institution"] or self.institution,
            currency=said["currency"] or self.currency,
            kind=said["kind"] or self.kind,
            missing=0,
        )

    def unreported(self) -> Self:
        """Return it after an answer that lists all accounts, and not this one."""
        return replace(self, missing=self.missing + 1)

    def answered(self, answered: Window | None, asked: Window, *, at: datetime) -> Self:
        """Return it after an answer that covers some or all of the days that were asked."""
        before = self.coverage
        coverage = before.extended(asked, answered, at)
        window = coverage.window
        extended = replace(
            self,
            wanted_from=coverage.wanted_from,
            covered_from=window.first if window else None,
            covered_to=window.last if window else None,
            answered_at=coverage.answered_at,
        )
        is_older = before.window is not None and asked.last < before.window.last
        if is_older and window == before.window:
            # Older days that do not join the known ones solve no problem with those between.
            return extended
        return replace(extended, problem=None, problem_detail="", problem_since=None)

    def stored(self, document: AccountDocument, import_id: ImportId) -> Self:
        """Return it after a document was stored to be imported."""
        return replace(self, fingerprint=document.fingerprint, import_id=import_id)

    def failed(self, problem: AccountProblem, *, at: datetime) -> Self:
        since = self.problem_since if self.problem is problem.kind else None
        return replace(
            self,
            problem=problem.kind,
            problem_detail=problem.detail[:MAX_DETAIL],
            problem_since=since or at,
        )

    def ask(self, candidates: frozenset[UUID]) -> Self:
        """Let a person say which account it is."""
        return replace(self, status=LinkStatus.ASKED, candidates=candidates)

    def unlinked(self) -> Self:
        """Return it as it is when the account that it filled has been deleted or merged."""
        return replace(self, status=LinkStatus.NEW, account_id=None)

    def from_the_beginning(self, wanted_from: date) -> Self:
        """Return it as if nothing had been answered yet: another account gets all days again."""
        return replace(
            self,
            wanted_from=wanted_from,
            covered_from=None,
            covered_to=None,
            answered_at=None,
            fingerprint=b"",
        )

    def link(
        self, account_id: AccountId, *, at: datetime
    ) -> Result[tuple[Self, AccountLinked], LinkIsSettled]:
        """Let it fill an account of the ledger."""
        if self.status is LinkStatus.LINKED and self.account_id != account_id:
            detail = "This account fills another one already. Merge the two accounts instead."
            return Failure(LinkIsSettled(detail))
        linked = replace(
            self,
            status=LinkStatus.LINKED,
            account_id=account_id,
            candidates=frozenset(),
            linked_at=self.linked_at or at,
        )
        return Success((linked, linked._announced(account_id, at)))

    def _announced(self, account_id: AccountId, at: datetime) -> AccountLinked:
        return AccountLinked(
            subject_id=account_id,
            actor=Actor.user(self.user_id),
            occurred_at=at,
            link_id=str(self.id),
        )

    def ignore(self, *, at: datetime) -> tuple[Self, AuditRecord]:
        """Ask nothing more of the account; what was imported stays."""
        record = LINK_IGNORED.record(
            subject_id=self.connection_id,
            actor=Actor.user(self.user_id),
            occurred_at=at,
            link_id=str(self.id),
        )
        return replace(self, status=LinkStatus.IGNORED, candidates=frozenset()), record


class _Described(TypedDict):
    name: str
    number: str
    institution: str
    currency: str
    kind: str


def _described(account: ReportedAccount) -> _Described:
    """Return what a provider says of an account, as far as it can be stored."""
    return {
        "name": _storable(account.name),
        "number": _storable(account.number),
        "institution": _storable(account.institution),
        "currency": _storable(account.currency),
        "kind": account.kind[:MAX_KIND],
    }


def _storable(text: str) -> str:
    return UNSTORABLE.sub(" ", text)[:MAX_TEXT]


def find_link(
    links: Sequence[AccountLink], account: ReportedAccount, reported: Collection[str]
) -> AccountLink | None:
    """Return the link of a reported account: by its key, else by its number if that is unique.

    A link whose key is among the `reported` ones of the same answer is of that other account.
    """
    by_key = [each for each in links if each.account_key == account.key]
    if by_key:
        return by_key[0]
    by_number = [
        each
        for each in links
        if account.number and each.number == account.number and each.currency == account.currency
    ]
    is_one = len(by_number) == 1 and by_number[0].account_key not in reported
    return by_number[0] if is_one else None
