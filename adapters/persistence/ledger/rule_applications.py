"""Applications of rules: many transactions in one statement, and back again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Never
from uuid import UUID

from django.db import connection

from adapters.persistence.database import UsesDatabase, in_database
from adapters.persistence.ledger.columns import array_of, batches, column_of, rows_of, texts_of
from adapters.persistence.ledger.models import RuleApplicationModel, RuleEffectModel
from adapters.persistence.mapping import entity_of
from domain.ledger.allocations import CategorySource
from domain.ledger.errors import RuleApplicationNotFound
from domain.ledger.rule_effects import (
    AppliedEffect,
    ExaminedTransaction,
    RuleApplication,
    RuleEffect,
    Undoing,
)
from domain.ledger.rules import Paths
from domain.shared.ids import RuleApplicationId, TransactionId, UserId
from domain.shared.pages import IdPage
from domain.shared.result import Failure, Result, Success

_SOURCES = {source.value: source for source in CategorySource}
# A tag that rules have added is not added again where its owner has removed it.
_EXAMINED = """
SELECT t.id, t.version, t.account_id, t.booking_date, t.amount, t.currency, t.payee, t.description,
    t.memo, t.reference, t.payee_name, t.category_id, t.category, t.category_source,
    t.splits <> '[]', t.tags, ARRAY(
        SELECT unnest(e.tags)
        FROM ledger_rule_effect e JOIN ledger_rule_application a
            ON a.user_id = e.user_id AND a.id = e.application_id
        WHERE e.user_id = %(owner)s AND e.transaction_id = t.id AND a.undone_at IS NULL
    )
FROM ledger_transaction t
WHERE t.user_id = %(owner)s AND t.removal IS NULL
AND (%(after)s::uuid IS NULL OR t.id > %(after)s)
ORDER BY t.id LIMIT %(limit)s
"""
# In the order of their ids: two edits of the same transactions would deadlock otherwise.
_LOCK = f"""
SELECT FROM ledger_transaction
WHERE user_id = %(owner)s AND id = ANY({array_of("uuid", "%(ids)s")})
ORDER BY id FOR NO KEY UPDATE
"""
_SET = {
    "id": "uuid",
    "version": "int",
    "category_id": "uuid",
    "category": "text",
    "payee_name": "text",
    "all_tags": "text",
    "tags": "text",
    "rule_ids": "text",
}
# Tags have no blanks.
_RECORD = """
INSERT INTO ledger_rule_effect
    (id, user_id, application_id, transaction_id, rule_ids, category_id, payee_name, tags)
SELECT uuidv7(), %(owner)s, %(application)s, new.id, string_to_array(new.rule_ids, ' ')::uuid[],
    new.category_id, new.payee_name, string_to_array(new.tags, ' ')
FROM new
"""
_WRITE = f"""
WITH new AS {rows_of(_SET)}, changed AS (
    UPDATE ledger_transaction t SET
        category_id = coalesce(new.category_id, t.category_id),
        category = CASE WHEN new.category_id IS NULL THEN t.category ELSE new.category END,
        category_source = CASE WHEN new.category_id IS NULL THEN t.category_source ELSE 'rule' END,
        payee_name = coalesce(nullif(new.payee_name, ''), t.payee_name),
        tags = string_to_array(new.all_tags, ' ')
    FROM new WHERE t.user_id = %(owner)s AND t.id = new.id AND t.version = new.version
    RETURNING t.id
)
{_RECORD} JOIN changed USING (id)
"""  # noqa: S608
_RECORD_ALL = f"WITH new AS {rows_of(_SET)} {_RECORD}"
_ADD_OF_IMPORT = """
INSERT INTO ledger_rule_application (id, user_id, import_id, applied_at, transactions)
SELECT %(id)s, %(owner)s, %(import)s, %(at)s, count(*) FROM ledger_rule_effect
WHERE user_id = %(owner)s AND application_id = %(id)s HAVING count(*) > 0
"""
_LOCK_CHANGED = """
SELECT FROM ledger_transaction t JOIN ledger_rule_effect e
    ON e.user_id = t.user_id AND e.transaction_id = t.id
WHERE e.user_id = %(owner)s AND e.application_id = %(id)s
ORDER BY t.id FOR NO KEY UPDATE OF t
"""
# Where something newer was said, it stays.
_CHANGED_SINCE = """
SELECT count(*) FROM ledger_rule_effect e JOIN ledger_transaction t
    ON t.user_id = e.user_id AND t.id = e.transaction_id
WHERE e.user_id = %(owner)s AND e.application_id = %(id)s AND (
    (e.category_id IS NOT NULL
        AND (t.category_source, t.category_id) IS DISTINCT FROM ('rule', e.category_id))
    OR (e.payee_name <> '' AND t.payee_name <> e.payee_name)
)
"""
# What the latest of the other applications says, or else the first import that states a category.
_UNDO = """
WITH its AS MATERIALIZED (
    SELECT e.transaction_id AS id, e.tags,
        (t.category_source, t.category_id) IS NOT DISTINCT FROM ('rule', e.category_id)
            AS has_category,
        e.payee_name <> '' AND e.payee_name = t.payee_name AS has_payee
    FROM ledger_rule_effect e JOIN ledger_transaction t
        ON t.user_id = e.user_id AND t.id = e.transaction_id
    WHERE e.user_id = %(owner)s AND e.application_id = %(id)s
), other AS MATERIALIZED (
    SELECT e.id, e.transaction_id, e.category_id, e.payee_name
    FROM its JOIN ledger_rule_effect e ON e.user_id = %(owner)s AND e.transaction_id = its.id
    JOIN ledger_rule_application a ON a.user_id = e.user_id AND a.id = e.application_id
    WHERE a.undone_at IS NULL
), ruled AS (
    SELECT DISTINCT ON (transaction_id) transaction_id AS id, category_id FROM other
    WHERE category_id IS NOT NULL ORDER BY transaction_id, other.id DESC
), named AS (
    SELECT DISTINCT ON (transaction_id) transaction_id AS id, payee_name FROM other
    WHERE payee_name <> '' ORDER BY transaction_id, other.id DESC
), stated AS (
    SELECT DISTINCT ON (s.transaction_id) s.transaction_id AS id, s.category_id
    FROM its JOIN ledger_imported_category s
        ON s.user_id = %(owner)s AND s.transaction_id = its.id
    JOIN ledger_import source ON source.user_id = s.user_id AND source.id = s.import_id
    WHERE source.undone_at IS NULL AND s.category_id IS NOT NULL
    ORDER BY s.transaction_id, s.import_id, s.id
), said AS (
    SELECT its.*, coalesce(ruled.category_id, stated.category_id) AS category_id,
        CASE WHEN ruled.category_id IS NOT NULL THEN 'rule'
            WHEN stated.category_id IS NOT NULL THEN 'import' END AS source,
        coalesce(named.payee_name, '') AS payee_name
    FROM its LEFT JOIN ruled USING (id) LEFT JOIN named USING (id) LEFT JOIN stated USING (id)
)
UPDATE ledger_transaction t SET
    category_id = CASE WHEN has_category THEN said.category_id ELSE t.category_id END,
    category = CASE WHEN has_category
        THEN concat_ws(':', parent.name, c.name) ELSE t.category END,
    category_source = CASE WHEN has_category THEN said.source ELSE t.category_source END,
    payee_name = CASE WHEN has_payee THEN said.payee_name ELSE t.payee_name END,
    tags = ARRAY(
        SELECT tag FROM unnest(t.tags) WITH ORDINALITY AS had (tag, place)
        WHERE NOT tag = ANY(said.tags) ORDER BY place
    )
FROM said LEFT JOIN ledger_category c ON c.user_id = %(owner)s AND c.id = said.category_id
LEFT JOIN ledger_category parent ON parent.user_id = c.user_id AND parent.id = c.parent_id
WHERE t.user_id = %(owner)s AND t.id = said.id
AND (has_category OR has_payee OR t.tags && said.tags)
"""


class PostgresRuleApplicationRepository(UsesDatabase):
    """`RuleApplicationRepository` in SQL."""

    @in_database
    def examined(
        self, *, owner: UserId, after: TransactionId | None, limit: int
    ) -> Result[Sequence[ExaminedTransaction], Never]:
        found = _rows(_EXAMINED, owner=owner, after=after, limit=limit)
        return Success([_examined(row) for row in found])

    @in_database
    def write(
        self,
        application_id: RuleApplicationId,
        effects: Sequence[RuleEffect],
        paths: Paths,
        *,
        owner: UserId,
    ) -> Result[int, Never]:
        written = 0
        for some in batches(effects):
            ids = column_of("uuid", [each.transaction.id for each in some])
            texts = texts_of(_SET, [_set_by(each, paths) for each in some])
            with connection.cursor() as cursor:
                cursor.execute(_LOCK, {"owner": owner, "ids": ids})
                cursor.execute(_WRITE, {"owner": owner, "application": application_id, **texts})
                written += cursor.rowcount
        return Success(written)

    @in_database
    def record_effects(
        self, application_id: RuleApplicationId, effects: Sequence[RuleEffect], *, owner: UserId
    ) -> Result[None, Never]:
        for some in batches(effects):
            texts = texts_of(_SET, [_set_by(each, {}) for each in some])
            with connection.cursor() as cursor:
                its = {"owner": owner, "application": application_id}
                cursor.execute(_RECORD_ALL, {**its, **texts})
        return Success(None)

    @in_database
    def add_of_import(self, application: RuleApplication) -> Result[None, Never]:
        its = {
            "id": application.id,
            "owner": application.user_id,
            "import": application.import_id,
            "at": application.applied_at,
        }
        with connection.cursor() as cursor:
            cursor.execute(_ADD_OF_IMPORT, its)
        return Success(None)

    @in_database
    def add(self, application: RuleApplication) -> Result[None, Never]:
        RuleApplicationModel.objects.create(
            id=application.id,
            user_id=application.user_id,
            source_id=application.import_id,
            applied_at=application.applied_at,
            transactions=application.transactions,
        )
        return Success(None)

    @in_database
    def page(
        self, *, owner: UserId, after: RuleApplicationId | None, limit: int
    ) -> Result[IdPage[RuleApplication], Never]:
        rows = RuleApplicationModel.objects.filter(user_id=owner).order_by("-id")
        found = (rows.filter(id__lt=after) if after else rows)[: limit + 1]
        return Success(IdPage.of([_application(row) for row in found], limit))

    @in_database
    def get(
        self, application_id: RuleApplicationId, *, owner: UserId
    ) -> Result[RuleApplication, RuleApplicationNotFound]:
        return _found(RuleApplicationModel.objects.filter(id=application_id, user_id=owner).first())

    @in_database
    def lock(
        self, application_id: RuleApplicationId, *, owner: UserId
    ) -> Result[RuleApplication, RuleApplicationNotFound]:
        rows = RuleApplicationModel.objects.filter(id=application_id, user_id=owner)
        return _found(rows.select_for_update(no_key=True).first())

    @in_database
    def effects(
        self,
        application_id: RuleApplicationId,
        *,
        owner: UserId,
        after: TransactionId | None,
        limit: int,
    ) -> Result[IdPage[AppliedEffect], Never]:
        rows = RuleEffectModel.objects.filter(user_id=owner, application_id=application_id)
        rows = rows.order_by("transaction_id")
        found = (rows.filter(transaction_id__gt=after) if after else rows)[: limit + 1]
        return Success(IdPage.of([_applied(row) for row in found], limit))

    @in_database
    def undo(self, application: RuleApplication, *, at: datetime) -> Result[Undoing, Never]:
        its = {"owner": application.user_id, "id": application.id}
        rows = RuleApplicationModel.objects.filter(id=application.id, user_id=application.user_id)
        rows.update(undone_at=at)
        with connection.cursor() as cursor:
            cursor.execute(_LOCK_CHANGED, its)
            cursor.execute(_CHANGED_SINCE, its)
            (changed_since,) = cursor.fetchone()
            cursor.execute(_UNDO, its)
            return Success(Undoing(restored=cursor.rowcount, changed_since=changed_since))


def _set_by(effect: RuleEffect, paths: Paths) -> tuple[Any, ...]:
    """Return the columns of `_SET`."""
    its = effect.transaction
    path = paths.get(effect.category_id, "") if effect.category_id else ""
    tags, rule_ids = " ".join(effect.tags), " ".join(map(str, effect.rule_ids))
    said = effect.category_id, path, effect.payee_name
    return its.id, its.version, *said, " ".join(effect.all_tags), tags, rule_ids


def _examined(row: Sequence[Any]) -> ExaminedTransaction:
    *seen, source, is_split, tags, refused = row
    named = _SOURCES.get(source)
    return ExaminedTransaction._make((*seen, named, is_split, tuple(tags), tuple(refused)))


def _application(row: RuleApplicationModel) -> RuleApplication:
    return entity_of(RuleApplication, row, import_id=row.source_id)


def _found(
    row: RuleApplicationModel | None,
) -> Result[RuleApplication, RuleApplicationNotFound]:
    return Success(_application(row)) if row else Failure(RuleApplicationNotFound())


def _applied(row: RuleEffectModel) -> AppliedEffect:
    return entity_of(AppliedEffect, row, rule_ids=tuple(row.rule_ids), tags=tuple(row.tags))


def _rows(sql: str, **named: UUID | int | None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, named)
        found: list[Any] = cursor.fetchall()
        return found
