"""Merges of accounts: what moves to the other account, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Never
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.ledger.accounts import account_of
from adapters.persistence.ledger.columns import array_of, column_of, rows_of, texts_of
from adapters.persistence.ledger.imported_rows import EACH_ROW
from adapters.persistence.ledger.models import AccountMergeModel
from adapters.persistence.ledger.postings import ANNOTATION, JOIN_ANNOTATIONS
from domain.ledger.accounts import AccountRemoval
from domain.ledger.entities import Account
from domain.ledger.merges import (
    AccountMerge,
    MergedRows,
    MergeIsUndone,
    MergeNotFound,
    Moved,
)
from domain.shared.ids import AccountId, ImportId, MergeId, TransactionId, UserId
from domain.shared.result import Failure, Result, Success

_REMOVE = """
UPDATE ledger_account SET removal = %(removal)s WHERE user_id = %(owner)s AND id = %(from)s
"""
_RESTORE = """
UPDATE ledger_account SET removal = NULL WHERE user_id = %(owner)s AND id = %(into)s
"""
_MOVE_ALIASES = """
UPDATE ledger_account_alias SET account_id = %(into)s
WHERE user_id = %(owner)s AND account_id = %(from)s RETURNING id
"""
# Of transactions that are undone, an account may have many with one key; of others, it has one.
_MOVE = """
UPDATE ledger_transaction t SET account_id = %(into)s
WHERE t.user_id = %(owner)s AND t.account_id = %(from)s AND (
    t.removal IN ('undone', 'merged') OR NOT EXISTS (
        SELECT FROM ledger_transaction other
        WHERE other.user_id = %(owner)s AND other.account_id = %(into)s
        AND (other.fingerprint, other.occurrence) = (t.fingerprint, t.occurrence)
        AND (other.removal IS NULL OR other.removal IN ('deleted', 'expired'))
    )
)
RETURNING id
"""
_MOVE_STATES = """
UPDATE ledger_prior_state s SET account_id = %(into)s
FROM ledger_transaction t
WHERE s.user_id = %(owner)s AND s.account_id = %(from)s
AND t.user_id = %(owner)s AND t.id = s.transaction_id AND t.account_id = %(into)s
AND NOT EXISTS (
    SELECT FROM ledger_prior_state other
    WHERE other.user_id = %(owner)s AND other.account_id = %(into)s
    AND (other.fingerprint, other.occurrence) = (s.fingerprint, s.occurrence)
)
"""
_IDS = array_of("uuid", "%(ids)s")
_ALIASES = array_of("uuid", "%(aliases)s")
# What imports into the other account state that were made since, deleted or not, stays there.
_MOVE_BACK = f"""
UPDATE ledger_transaction SET account_id = %(into)s
WHERE user_id = %(owner)s AND account_id = %(from)s AND id = ANY({_IDS}) AND id NOT IN (
    SELECT unnest(transaction_ids) FROM ledger_imported_rows
    WHERE user_id = %(owner)s AND account_id = %(from)s AND NOT undone
)
"""  # noqa: S608
_MOVE_ALIASES_BACK = f"""
UPDATE ledger_account_alias SET account_id = %(into)s
WHERE user_id = %(owner)s AND account_id = %(from)s AND id = ANY({_ALIASES})
"""  # noqa: S608

_IMPORTS = {"former": "uuid", "present": "uuid"}


def _of(row: str) -> str:
    return ", ".join(f"{row}.{name}" for name in ANNOTATION)


_SAYS = """
(note <> '' OR tags_source = 'owner' OR category_source = 'owner' OR splits <> '[]')
"""
# The rows of both imports of a file have the same place, line and number in that line.
_DUPLICATES = f"""
WITH imports AS (SELECT * FROM {rows_of(_IMPORTS)} AS given), listed AS (
    SELECT import_id, place, line, transaction_id,
        row_number() OVER (PARTITION BY import_id, place, line ORDER BY id, number) AS nth
    FROM ledger_imported_rows, {EACH_ROW}
    WHERE user_id = %(owner)s AND import_id IN (
        SELECT former FROM imports UNION ALL SELECT present FROM imports
    )
)
SELECT DISTINCT ON (now.transaction_id) now.transaction_id, said.id
FROM imports JOIN listed was ON was.import_id = former
JOIN listed now ON now.import_id = present
    AND (now.place, now.line, now.nth) = (was.place, was.line, was.nth)
JOIN ledger_transaction said ON said.user_id = %(owner)s AND said.id = was.transaction_id
WHERE was.transaction_id <> now.transaction_id AND said.id = ANY({_IDS})
AND said.removal = 'undone' AND {_SAYS}
ORDER BY now.transaction_id, said.id DESC
"""  # noqa: S608
_PAIRS = {"id": "uuid", "duplicate": "uuid"}
_ANNOTATE = f"""
UPDATE ledger_transaction t SET {JOIN_ANNOTATIONS}
FROM {rows_of(_PAIRS)} AS pair
JOIN ledger_transaction merged ON merged.user_id = %(owner)s AND merged.id = pair.duplicate
JOIN ledger_transaction before ON before.user_id = %(owner)s AND before.id = pair.id
WHERE t.user_id = %(owner)s AND t.id = pair.id
RETURNING t.id, before.version, t.version
"""  # noqa: S608
_VERSIONS = {"id": "uuid", "version": "int"}
# Only what nobody has changed since: the version that the merge made says the same as the present.
_RESTORE_ANNOTATIONS = f"""
WITH given AS (SELECT * FROM {rows_of(_VERSIONS)} AS given), versions AS (
    SELECT transaction_id, version, {", ".join(ANNOTATION)} FROM ledger_transaction_version
    WHERE user_id = %(owner)s AND transaction_id IN (SELECT id FROM given)
    UNION ALL
    SELECT id, version, {", ".join(ANNOTATION)} FROM ledger_transaction
    WHERE user_id = %(owner)s AND id IN (SELECT id FROM given)
)
UPDATE ledger_transaction t SET ({", ".join(ANNOTATION)}) = (SELECT {_of("was")})
FROM given
JOIN versions was ON was.transaction_id = given.id AND was.version = given.version
JOIN versions made ON made.transaction_id = given.id AND made.version = given.version + 1
WHERE t.user_id = %(owner)s AND t.id = given.id
AND ({_of("t")}) IS NOT DISTINCT FROM ({_of("made")})
"""  # noqa: S608
# Their order is that of the former imports.
_FOLLOW = f"""
WITH given AS (SELECT * FROM {rows_of(_IMPORTS)} AS given)
UPDATE ledger_account_merge SET repeated = (
    SELECT array_agg(coalesce(present, import_id) ORDER BY number)
    FROM unnest(repeated) WITH ORDINALITY AS each (import_id, number)
    LEFT JOIN given ON former = import_id
)
WHERE user_id = %(owner)s AND undone_at IS NULL
AND repeated && ARRAY(SELECT former FROM given)
"""  # noqa: S608


class DjangoMergeRepository(UsesDatabase):
    """`MergeRepository` on PostgreSQL: each step is one statement, however many rows."""

    @in_database
    def move(self, merged: Account, into: Account) -> Result[Moved, Never]:
        its = _between(merged.user_id, merged.id, into.id)
        transactions = _ids(_MOVE, its)
        aliases = _ids(_MOVE_ALIASES, its)
        with connection.cursor() as cursor:
            cursor.execute(_MOVE_STATES, its)
            cursor.execute(_REMOVE, {**its, "removal": AccountRemoval.MERGED.value})
        return Success(Moved(transactions=list(map(TransactionId, transactions)), aliases=aliases))

    @in_database
    def annotate(
        self, imports: Mapping[ImportId, ImportId], moved: Moved, *, owner: UserId
    ) -> Result[Mapping[TransactionId, int], Never]:
        ids: dict[str, Any] = {"owner": owner, "ids": column_of("uuid", moved.transactions)}
        if not imports:
            return Success({})
        with connection.cursor() as cursor:
            cursor.execute(_DUPLICATES, {**ids, **texts_of(_IMPORTS, list(imports.items()))})
            pairs = cursor.fetchall()
            if not pairs:
                return Success({})
            cursor.execute(_ANNOTATE, {"owner": owner, **texts_of(_PAIRS, pairs)})
            changed = [row for row in cursor.fetchall() if row[1] != row[2]]
        return Success({TransactionId(each): before for each, before, _ in changed})

    @in_database
    def move_back(self, merge: AccountMerge) -> Result[None, Never]:
        moved = merge.moved
        its = {
            **_between(merge.user_id, merge.account_id, merge.merged.id),
            "ids": column_of("uuid", moved.transactions),
            "aliases": column_of("uuid", moved.aliases),
        }
        with connection.cursor() as cursor:
            for each in (_RESTORE, _MOVE_BACK, _MOVE_STATES, _MOVE_ALIASES_BACK):
                cursor.execute(each, its)
            if moved.annotated:
                versions = texts_of(_VERSIONS, list(moved.annotated.items()))
                cursor.execute(_RESTORE_ANNOTATIONS, {"owner": merge.user_id, **versions})
        return Success(None)

    @in_database
    def follow(self, imports: Mapping[ImportId, ImportId], *, owner: UserId) -> Result[None, Never]:
        if not imports:
            return Success(None)
        with connection.cursor() as cursor:
            cursor.execute(_FOLLOW, {"owner": owner, **texts_of(_IMPORTS, list(imports.items()))})
        return Success(None)

    @in_database
    def add(self, merge: AccountMerge) -> Result[None, Never]:
        AccountMergeModel.objects.create(
            id=merge.id,
            user_id=merge.user_id,
            account_id=merge.account_id,
            merged_id=merge.merged.id,
            merged_at=merge.merged_at,
            imports=list(merge.imports),
            repeated=list(merge.imports.values()),
            rows=asdict(merge.rows),
            transactions=list(merge.moved.transactions),
            aliases=list(merge.moved.aliases),
            annotated={str(each): before for each, before in merge.moved.annotated.items()},
        )
        return Success(None)

    @in_database
    def get(self, merge_id: MergeId, *, owner: UserId) -> Result[AccountMerge, MergeNotFound]:
        row = _merges_of(owner).filter(id=merge_id).first()
        return Success(_merge_of(row)) if row else Failure(MergeNotFound())

    @in_database
    def page(
        self, *, owner: UserId, after: MergeId | None, limit: int
    ) -> Result[Sequence[AccountMerge], Never]:
        rows = _merges_of(owner).order_by("-id")
        if after:
            rows = rows.filter(id__lt=after)
        return Success([_merge_of(row) for row in rows[:limit]])

    @in_database
    def mark_undone(self, merge: AccountMerge) -> Result[None, MergeIsUndone]:
        rows = AccountMergeModel.objects.filter(id=merge.id, user_id=merge.user_id)
        if rows.filter(undone_at__isnull=True).update(undone_at=merge.undone_at):
            return Success(None)
        return Failure(MergeIsUndone("The merge has already been undone."))


def _between(owner: UserId, from_: AccountId, into: AccountId) -> dict[str, Any]:
    return {"owner": owner, "from": from_, "into": into}


def _ids(sql: str, its: Mapping[str, Any]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(sql, its)
        return [each for (each,) in cursor.fetchall()]


def _merges_of(owner: UserId) -> QuerySet[AccountMergeModel]:
    return AccountMergeModel.objects.filter(user_id=owner).select_related("merged")


def _merge_of(row: AccountMergeModel) -> AccountMerge:
    annotated = {TransactionId(UUID(each)): before for each, before in row.annotated.items()}
    return AccountMerge(
        id=MergeId(row.id),
        user_id=UserId(row.user_id),
        account_id=AccountId(row.account_id),
        merged=account_of(row.merged),
        merged_at=row.merged_at,
        imports=dict(zip(map(ImportId, row.imports), map(ImportId, row.repeated), strict=True)),
        rows=MergedRows(**row.rows),
        moved=Moved(
            transactions=list(map(TransactionId, row.transactions)),
            aliases=row.aliases,
            annotated=annotated,
        ),
        undone_at=row.undone_at,
    )
