"""Keys, references, rights and versions in the catalogue: as the models ask for them."""

import pytest
from django.apps import apps
from django.db import models

from adapters.persistence.base import OwnedForeignKey
from adapters.persistence.ledger.models import ACCOUNT_KEPT, KEPT, STATED
from adapters.persistence.ledger.versions import (
    ACCOUNTS,
    TRANSACTIONS,
    Versioned,
    versions_body,
    versions_function,
)
from tests.adapters.persistence.one_partition import Planner
from tests.adapters.persistence.roles import rows

#: Looked up before it is known whose they are.
DIGESTS = {
    "identity_api_token_token_unique",
    "identity_mailed_token_unique",
    "identity_refresh_token_unique",
    "identity_session_token_unique",
    "sharing_connected_app_access_unique",
    "sharing_connected_app_setup_unique",
}
#: An index of many values for each row can have no other column without an extension.
WORDS = "ledger_transaction_words"

_INDEXES = """
SELECT table_class.relname, index_class.relname, ARRAY(
    SELECT attname FROM unnest(indkey) WITH ORDINALITY AS part (number, place)
    JOIN pg_attribute ON attrelid = indrelid AND attnum = number ORDER BY place
)::text[]
FROM pg_index JOIN pg_class AS table_class ON table_class.oid = indrelid
JOIN pg_class AS index_class ON index_class.oid = indexrelid
JOIN pg_attribute AS owner ON owner.attrelid = indrelid AND owner.attname = 'user_id'
WHERE table_class.relnamespace = 'public'::regnamespace
AND table_class.relname <> 'django_admin_log'
"""
_KEYS = """
SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
JOIN pg_attribute AS owner ON owner.attrelid = indrelid AND owner.attname = 'user_id'
WHERE relnamespace = 'public'::regnamespace AND indisprimary AND indkey[0] = owner.attnum
"""
_REFERENCES = """
SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""
_BODY = "SELECT prosrc FROM pg_proc WHERE proname = %s"
_MAY_UPDATE = """
SELECT column_name FROM information_schema.column_privileges
WHERE grantee = 'dashtam_app' AND privilege_type = 'UPDATE' AND table_name = %s
"""


def _owned() -> "list[type[models.Model]]":
    return [
        model
        for model in apps.get_models()
        if model.__module__.startswith("adapters.")
        and any(field.column == "user_id" for field in model._meta.concrete_fields)
    ]


def test_every_index_starts_with_the_owner_except_digests_and_words(database: None) -> None:
    others = {
        (name, *columns[1:]) for _, name, columns in rows(_INDEXES) if columns[:1] != ["user_id"]
    }

    assert others == {(name,) for name in (*DIGESTS, WORDS)}


def test_the_key_of_every_owned_table_starts_with_the_owner(database: None) -> None:
    assert {table for (table,) in rows(_KEYS)} == {model._meta.db_table for model in _owned()}


def test_every_reference_to_an_owned_row_includes_the_owner(database: None) -> None:
    found = set(rows(_REFERENCES))

    for model in _owned():
        for field in model._meta.concrete_fields:
            if isinstance(field, OwnedForeignKey):
                target = field.related_model._meta.db_table
                reference = (
                    f"FOREIGN KEY (user_id, {field.column}) REFERENCES {target}(user_id, id)"
                    " DEFERRABLE INITIALLY DEFERRED"
                )
                assert (model._meta.db_table, reference) in found


def test_nothing_else_refers_to_an_owned_row(database: None) -> None:
    owned = {model._meta.db_table for model in _owned()}

    for table, reference in rows(_REFERENCES):
        target = reference.partition(" REFERENCES ")[2].partition("(")[0]
        assert target not in owned or reference.startswith("FOREIGN KEY (user_id, "), table


@pytest.mark.parametrize(("of", "columns"), [(TRANSACTIONS, KEPT), (ACCOUNTS, ACCOUNT_KEPT)])
def test_a_version_has_every_column_of_its_model(
    database: None, of: Versioned, columns: tuple[str, ...]
) -> None:
    """Otherwise a migration has to run the statements printed here."""
    found = rows(_BODY, of.function)

    assert found == [(versions_body(columns, of),)], versions_function(columns, of)


@pytest.mark.parametrize("table", ["ledger_transaction", "ledger_prior_state"])
def test_the_application_may_write_imported_columns(database: None, table: str) -> None:
    assert set(STATED) <= {name for (name,) in rows(_MAY_UPDATE, table)}


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        ("t.user_id = '0190a0b0-0000-7000-8000-000000000000' AND i.user_id = t.user_id", 1),
        ("t.user_id = '0190a0b0-0000-7000-8000-000000000000'", 8),
    ],
)
def test_a_join_without_the_owner_is_detected(
    database: None, schema_in_parts: Planner, condition: str, count: int
) -> None:
    found = schema_in_parts.parts_of(
        "SELECT * FROM ledger_transaction t JOIN ledger_import i ON i.id = t.import_id"
        f" WHERE {condition}"
    )

    assert len(found["ledger_transaction"]) == 1
    assert len(found["ledger_import"]) == count
