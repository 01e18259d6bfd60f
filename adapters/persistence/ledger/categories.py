"""Categories, and the transactions that have them: many of them in one statement."""

from collections.abc import Mapping, Sequence
from typing import Any, Never
from uuid import UUID

from django.db import IntegrityError, connection

from adapters.persistence.database import UsesDatabase, allow_long_transaction, in_database
from adapters.persistence.failures import violated
from adapters.persistence.ledger.columns import batches, rows_of, texts_of, types_of
from adapters.persistence.ledger.models import CategoryVersionModel, ImportedCategoryModel
from adapters.persistence.ledger.splits import splits_text
from domain.ledger.allocations import StatedAllocation
from domain.ledger.categories import Category
from domain.ledger.errors import CategoryExists, CategoryNotFound
from domain.shared.ids import CategoryId, ImportId, UserId
from domain.shared.result import Failure, Result, Success

_KEY = "ledger_category_key"
_TAKEN = CategoryExists("There is already a category with this name here.")

_ALL = """
SELECT c.id, c.user_id, c.name, c.parent_id, coalesce(parent.name, '')
FROM ledger_category c LEFT JOIN ledger_category parent
    ON parent.user_id = c.user_id AND parent.id = c.parent_id
WHERE c.user_id = %(owner)s AND NOT c.removed
"""
_ONE = f"{_ALL} AND c.id = %(id)s"
_IN_ORDER = f"{_ALL} ORDER BY coalesce(parent.key, c.key), parent.key IS NOT NULL, c.key"
_LOCK = "SELECT parent_id FROM ledger_category WHERE user_id = %(owner)s AND id = %(id)s"
_LOCK_ALL = "SELECT FROM ledger_category WHERE user_id = %(owner)s ORDER BY id FOR SHARE"
_INSERT = """
INSERT INTO ledger_category (id, user_id, parent_id, name, key)
VALUES (%(id)s, %(owner)s, %(parent)s, %(name)s, %(key)s)
ON CONFLICT (user_id, parent_id, key) WHERE NOT removed DO NOTHING
"""
_CHANGE = """
UPDATE ledger_category
SET parent_id = %(parent)s, name = %(name)s, key = %(key)s, version = version + 1
WHERE user_id = %(owner)s AND id = %(id)s
"""
_DELETE = """
UPDATE ledger_category SET removed = true, version = version + 1
WHERE user_id = %(owner)s AND id = %(id)s
"""
_RECORD = """
INSERT INTO ledger_category_version (id, user_id, category_id, parent_id, name, removed, version)
SELECT uuidv7(), user_id, id, parent_id, name, removed, version FROM ledger_category
WHERE user_id = %(owner)s AND id = %(id)s
"""
# Removed transactions too: an import may restore them.
_SHOW_PATH = """
UPDATE ledger_transaction t SET category = named.path
FROM (
    SELECT c.id, coalesce(parent.name || ':', '') || c.name AS path
    FROM ledger_category c LEFT JOIN ledger_category parent
        ON parent.user_id = c.user_id AND parent.id = c.parent_id
    WHERE c.user_id = %(owner)s AND (c.id = %(id)s OR c.parent_id = %(id)s)
) named
WHERE t.user_id = %(owner)s AND t.category_id = named.id AND t.category <> named.path
"""
# The parts of split rows: of this category, and of those below it.
_SHOW_IN_SPLITS = """
WITH named AS (
    SELECT c.id::text, CASE WHEN c.removed THEN %(into)s::text ELSE c.id::text END AS category_id,
        CASE WHEN c.removed THEN %(path)s
            ELSE coalesce(parent.name || ':', '') || c.name END AS path
    FROM ledger_category c LEFT JOIN ledger_category parent
        ON parent.user_id = c.user_id AND parent.id = c.parent_id
    WHERE c.user_id = %(owner)s AND (c.id = %(id)s OR (c.parent_id = %(id)s AND NOT c.removed))
), changed AS (
    SELECT t.id, jsonb_agg(
        CASE WHEN named.id IS NULL THEN part ELSE part || jsonb_build_object(
            'category_id', named.category_id, 'category', named.path
        ) END ORDER BY place
    ) AS splits
    FROM {table} t
    CROSS JOIN LATERAL jsonb_array_elements(t.splits) WITH ORDINALITY AS parts (part, place)
    LEFT JOIN named ON named.id = part ->> 'category_id'
    WHERE t.user_id = %(owner)s AND NOT t.splits = '[]'
    GROUP BY t.id HAVING bool_or(named.id IS NOT NULL)
)
UPDATE {table} t SET splits = changed.splits FROM changed
WHERE t.user_id = %(owner)s AND t.id = changed.id AND t.splits <> changed.splits
"""
_REPLACE_STATED = """
UPDATE ledger_imported_category SET category_id = %(into)s
WHERE user_id = %(owner)s AND category_id = %(id)s
"""
_REPLACE_SET = """
UPDATE ledger_rule_effect SET category_id = %(into)s
WHERE user_id = %(owner)s AND category_id = %(id)s
"""
_REPLACE_IN_RULES = """
UPDATE ledger_rule SET category_id = %(into)s, version = version + 1
WHERE user_id = %(owner)s AND category_id = %(id)s
"""
_STATED = types_of(ImportedCategoryModel, ("transaction_id", "category_id", "splits", "tags"))
_STATED_NAMES = ", ".join(_STATED)
_RECORD_STATED = f"""
INSERT INTO ledger_imported_category (id, user_id, import_id, {_STATED_NAMES})
SELECT uuidv7(), %(owner)s, %(import)s, stated.* FROM {rows_of(_STATED)} AS stated
"""  # noqa: S608
# While it is being imported, an import may have no row yet.
_OF_IMPORT = """
SELECT DISTINCT transaction_id AS id FROM ledger_imported_category
WHERE user_id = %(owner)s AND import_id = %(import)s
"""
_GIVEN = f"SELECT DISTINCT transaction_id AS id FROM {rows_of(_STATED)} AS stated"  # noqa: S608
# What the owner or a rule has said stays; else the first import that says something counts. The
# tags of rules are added to those of the import.
_SETTLE = """
WITH these AS ({these}), active AS (
    SELECT s.transaction_id, s.import_id, s.id, s.category_id, s.splits, s.tags
    FROM these JOIN ledger_imported_category s
        ON s.user_id = %(owner)s AND s.transaction_id = these.id
    LEFT JOIN ledger_import source ON source.user_id = s.user_id AND source.id = s.import_id
    WHERE source.undone_at IS NULL AND s.import_id IS DISTINCT FROM %(without)s
), said AS (
    SELECT DISTINCT ON (transaction_id) transaction_id, category_id, splits
    FROM active WHERE category_id IS NOT NULL OR splits <> '[]'
    ORDER BY transaction_id, import_id, id
), tagged AS (
    SELECT DISTINCT ON (transaction_id) transaction_id, tags
    FROM active WHERE tags <> '{{}}' ORDER BY transaction_id, import_id, id
), ruled AS (
    SELECT e.transaction_id, array_agg(tag) AS tags
    FROM these JOIN ledger_rule_effect e
        ON e.user_id = %(owner)s AND e.transaction_id = these.id
    JOIN ledger_rule_application a ON a.user_id = e.user_id AND a.id = e.application_id
    CROSS JOIN LATERAL unnest(e.tags) AS tag
    WHERE a.undone_at IS NULL
    GROUP BY e.transaction_id
), now AS (
    SELECT t.id,
        CASE WHEN is_said THEN t.category_id ELSE c.id END AS category_id,
        CASE WHEN is_said THEN t.category
            ELSE coalesce(parent.name || ':', '') || coalesce(c.name, '') END AS category,
        CASE WHEN is_said THEN t.splits
            ELSE coalesce(said.splits, '[]') END AS splits,
        CASE WHEN is_said THEN t.category_source
            WHEN said.transaction_id IS NOT NULL THEN 'import' END AS category_source,
        CASE WHEN t.tags_source = 'owner' THEN t.tags
            ELSE ARRAY(SELECT unnest(tagged.tags) UNION SELECT unnest(ruled.tags)
                ORDER BY 1 LIMIT 20)
        END AS tags,
        CASE WHEN t.tags_source = 'owner' THEN 'owner'
            WHEN tagged.transaction_id IS NOT NULL THEN 'import' END AS tags_source
    FROM these JOIN ledger_transaction t ON t.user_id = %(owner)s AND t.id = these.id
    CROSS JOIN LATERAL (
        SELECT coalesce(t.category_source IN ('owner', 'rule'), false) AS is_said
    ) AS source
    LEFT JOIN ruled ON ruled.transaction_id = t.id
    LEFT JOIN said ON said.transaction_id = t.id
    LEFT JOIN tagged ON tagged.transaction_id = t.id
    LEFT JOIN ledger_category c ON c.user_id = %(owner)s AND c.id = said.category_id
    LEFT JOIN ledger_category parent ON parent.user_id = c.user_id AND parent.id = c.parent_id
    WHERE t.removal IS DISTINCT FROM 'deleted'
)
UPDATE ledger_transaction t SET category_id = now.category_id, category = now.category,
    splits = now.splits, category_source = now.category_source,
    tags = now.tags, tags_source = now.tags_source
FROM now WHERE t.user_id = %(owner)s AND t.id = now.id
AND (t.category_id, t.splits, t.tags) IS DISTINCT FROM (now.category_id, now.splits, now.tags)
"""
_REPLACE = """
UPDATE ledger_transaction SET category_id = %(into)s, category = %(path)s,
    category_source = CASE WHEN %(into)s IS NOT NULL THEN category_source END
WHERE user_id = %(owner)s AND category_id = %(id)s
"""


class DjangoCategoryRepository(UsesDatabase):
    """`CategoryRepository` in SQL."""

    @in_database
    def all(self, *, owner: UserId) -> Result[Sequence[Category], Never]:
        return Success(_fetch(_IN_ORDER, owner=owner))

    @in_database
    def get(self, category_id: CategoryId, *, owner: UserId) -> Result[Category, CategoryNotFound]:
        return _found(_fetch(_ONE, owner=owner, id=category_id))

    @in_database
    def lock(
        self, category_id: CategoryId, *, owner: UserId, shared: bool = False
    ) -> Result[Category, CategoryNotFound]:
        parent_id = _lock(category_id, owner, "SHARE" if shared else "UPDATE")
        if shared and parent_id:
            # The path of a category has the name of its parent.
            _lock(parent_id, owner, "SHARE")
        return _found(_fetch(_ONE, owner=owner, id=category_id))

    @in_database
    def lock_all(self, *, owner: UserId) -> Result[Sequence[Category], Never]:
        _run(_LOCK_ALL, owner=owner)
        return Success(_fetch(_IN_ORDER, owner=owner))

    @in_database
    def add(self, category: Category) -> Result[None, CategoryExists]:
        if not _execute(_INSERT, category):
            return Failure(_TAKEN)
        _execute(_RECORD, category)
        return Success(None)

    @in_database
    def change(self, category: Category) -> Result[int, CategoryExists]:
        allow_long_transaction(steps=True)
        try:
            _execute(_CHANGE, category)
        except IntegrityError as error:
            # The caller rolls back.
            if violated(error) != _KEY:
                raise
            return Failure(_TAKEN)
        _execute(_RECORD, category)
        whole = _execute(_SHOW_PATH, category)
        return Success(whole + _show_in_splits(category, {"into": None, "path": ""}))

    @in_database
    def delete(self, category: Category, *, into: Category | None) -> Result[int, Never]:
        allow_long_transaction(steps=True)
        _execute(_DELETE, category)
        for replaces in (_REPLACE_STATED, _REPLACE_SET, _REPLACE_IN_RULES):
            _execute(replaces, category, {"into": into and into.id})
        _execute(_RECORD, category)
        instead = {"into": into and into.id, "path": into.path if into else ""}
        whole = _execute(_REPLACE, category, instead)
        return Success(whole + _show_in_splits(category, instead))

    @in_database
    def record_stated(
        self, import_id: ImportId, stated: Sequence[StatedAllocation], *, owner: UserId
    ) -> Result[None, Never]:
        its = {"owner": owner, "import": import_id}
        for some in batches(stated):
            rows = [
                (each.transaction_id, each.category_id, splits_text(each.splits), each.tags)
                for each in some
            ]
            texts = texts_of(_STATED, rows)
            _run(_RECORD_STATED, **its, **texts)
            _run(_SETTLE.format(these=_GIVEN), **its, **texts, without=None)
        return Success(None)

    @in_database
    def withdraw(self, import_id: ImportId, *, owner: UserId) -> Result[None, Never]:
        its = {"owner": owner, "import": import_id}
        _run(_SETTLE.format(these=_OF_IMPORT), **its, without=import_id)
        return Success(None)


def _lock(category_id: UUID, owner: UserId, strength: str) -> UUID | None:
    """Lock a category, and return its parent."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_LOCK} FOR {strength}", {"owner": owner, "id": category_id})
        row = cursor.fetchone()
        return row[0] if row else None


def _run(sql: str, **named: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, named)


def _fetch(sql: str, **named: UUID) -> list[Category]:
    with connection.cursor() as cursor:
        cursor.execute(sql, named)
        return [_category(*row) for row in cursor.fetchall()]


def _category(
    id: UUID, user_id: UUID, name: str, parent_id: UUID | None, parent_name: str
) -> Category:
    return Category(
        id=CategoryId(id),
        user_id=UserId(user_id),
        name=name,
        parent_id=CategoryId(parent_id) if parent_id else None,
        parent_name=parent_name,
    )


def category_of(version: CategoryVersionModel) -> Category:
    """Return a category as it was in one version, without the name of its parent."""
    return _category(
        version.category_id, version.user_id, version.name, version.parent_id, parent_name=""
    )


def _found(categories: Sequence[Category]) -> Result[Category, CategoryNotFound]:
    return Success(categories[0]) if categories else Failure(CategoryNotFound())


def _show_in_splits(category: Category, instead: Mapping[str, Any]) -> int:
    """Show a category in parts, also in those that imports state; count the transactions."""
    _execute(_SHOW_IN_SPLITS.format(table="ledger_imported_category"), category, instead)
    return _execute(_SHOW_IN_SPLITS.format(table="ledger_transaction"), category, instead)


def _execute(sql: str, category: Category, more: Mapping[str, Any] | None = None) -> int:
    """Return how many rows a statement about a category has written."""
    named = {
        "owner": category.user_id,
        "id": category.id,
        "parent": category.parent_id,
        "name": category.name,
        "key": category.key,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, {**named, **(more or {})})
        return int(cursor.rowcount)
