"""No page shows customers' data: every text and amount has a canary."""

from decimal import Decimal

import pytest
from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db import Error, connection, models, transaction
from django.test import Client

from adapters.persistence.staff.models import StaffUser
from dashtam.admin.masking import code_alone, masked_email
from dashtam.admin.read_only import ReadOnlyAdmin, is_plain
from domain.staff.values import StaffRole
from tests.admin.people import MODELS, let_in, may_view, pages

#: Starts with a unique prefix, so that a truncated one is found too.
CANARY = "Zanarie quokka"
MONEY = Decimal("73918264.9173826455")
ADDRESS = "198.51.100.73"
# Long enough to be in no id by chance.
TRACES = ("anarie", "quokka", "uokka", "73918264", "9173826455", "73,918,264", ADDRESS)

#: Every text column that is shown unmasked. Additions here were reviewed.
VISIBLE_COLUMNS = {
    "audit_checkpoint": {"key_id"},
    "audit_entry": {
        *("action", "actor_kind", "resource_type", "result", "details"),
        *("trace_id", "ip_address", "user_agent"),
    },
    "connections_connection": {"provider", "status", "need"},
    "connections_credential": {"key_id"},
    "connections_link": {"status", "problem"},
    "connections_pending_step": {"key_id"},
    "connections_schedule": {"reason"},
    "identity_api_token": {"scopes"},
    "identity_mailed_token": {"purpose"},
    "identity_second_factor": {"key_id"},
    "ledger_account": {"kind", "currency", "removal"},
    "ledger_account_version": {"kind", "currency", "removal"},
    "ledger_account_alias": {"currency"},
    "ledger_balance": {"kind", "currency"},
    "ledger_exchange_rates": {"base", "source"},
    "ledger_file": {"key_id"},
    "ledger_holding": {"currency"},
    "ledger_import": {"format", "status", "reader_version"},
    "ledger_preview": {"status", "key_id"},
    "ledger_imported_rows": {"results"},
    "ledger_match": {"status"},
    "ledger_prior_state": {"currency", "kind", "status", "original_currency"},
    "ledger_statement": {"reconciliation", "ledger_reconciliation", "currency"},
    "ledger_transaction": {"currency", "kind", "status", "original_currency", "removal"},
    "ledger_transaction_version": {"currency", "kind", "status", "original_currency", "removal"},
    "ledger_transfer": {"decision"},
    "outbox_event": {"type", "aggregate_type", "trace_id", "last_error"},
    "staff_second_factor": {"key_id"},
    "staff_user": {"username", "role"},
}
#: Rows that nobody can change, and columns with constraints in the database.
UNCHANGEABLE = {"audit_entry", "audit_checkpoint"}


def hidden(model: type[models.Model]) -> list["models.Field[object, object]"]:
    """Return the columns that are not shown unmasked."""
    columns = VISIBLE_COLUMNS.get(model._meta.db_table, set())
    return [
        each
        for each in model._meta.concrete_fields
        if not is_plain(each)
        and not isinstance(each, (models.BinaryField, models.GeneratedField))
        and each.name not in columns
    ]


def planted(field: "models.Field[object, object]") -> str | Decimal | list[str]:
    """Return a personal value for a column of its type."""
    if isinstance(field, models.DecimalField):
        return MONEY
    if isinstance(field, ArrayField):
        return [CANARY]
    if isinstance(field, models.JSONField):
        return f'[["{CANARY}"], "{MONEY}"]'
    if isinstance(field, models.GenericIPAddressField):
        return ADDRESS
    if field.name == "email":
        return "zanarie@quokka.example"
    if field.name == "number":
        return "739182640-quokka-0001"
    return CANARY[: field.max_length]


@pytest.fixture
def canaries(filled: None, as_staff: None) -> set[str]:
    """Every hidden column has a canary, as far as the database permits."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE; SET LOCAL session_replication_role = replica")
    with_canary = {
        f"{m._meta.db_table}.{f.column}" for m in MODELS for f in hidden(m) if _plant(m, f)
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("SET LOCAL ROLE dashtam_staff")
    return with_canary


def _plant(model: type[models.Model], field: "models.Field[object, object]") -> bool:
    table = model._meta.db_table
    if table in UNCHANGEABLE:
        return False
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {field.column} = %s", [planted(field)])
    except Error:
        return False
    return True


def test_canaries_are_in_every_column(canaries: set[str]) -> None:
    wanted = {f"{m._meta.db_table}.{f.column}" for m in MODELS for f in hidden(m)}

    assert wanted - canaries == set()
    assert {"identity_user.email", "ledger_transaction.amount", "ledger_account.number"} < canaries


@pytest.mark.parametrize("role", StaffRole)
def test_no_page_shows_a_canary(canaries: set[str], client: Client, role: StaffRole) -> None:
    let_in(client, StaffUser.objects.get(username=role.value))
    opened = [page for model in MODELS if may_view(role, model) for page in pages(model)]
    for page in [*opened, "/admin/"]:
        response = client.get(page)
        assert response.status_code == 200, page
        text = response.content.decode()
        assert [trace for trace in TRACES if trace in text] == [], page


def test_a_canary_is_detected(
    canaries: set[str], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_in(client, StaffUser.objects.get(username="support"))
    model = next(each for each in MODELS if each._meta.db_table == "ledger_transaction")
    monkeypatch.setattr(type(admin.site._registry[model]), "codes", ("description", "amount"))

    text = client.get(pages(model)[1]).content.decode()

    assert [trace for trace in TRACES if trace in text] != []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_visible_text_column_was_reviewed(model: type[models.Model]) -> None:
    page = admin.site._registry[model]

    assert isinstance(page, ReadOnlyAdmin)
    assert set(page.codes) == VISIBLE_COLUMNS.get(model._meta.db_table, set())
    plain = {each.name for each in model._meta.concrete_fields if is_plain(each)}
    # A foreign key stands in lists by its id.
    plain |= {each.attname for each in model._meta.concrete_fields if is_plain(each)}
    assert set(page.list_display) <= plain | {*page.codes, *page.masked}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("ada@example.org", "a…@e….org"),
        ("b@mail.example.co.uk", "b…@m….uk"),
        ("ö@é.example", "ö…@é….example"),
        ("nothing", "…@….nothing"),
        ("", "…@…."),
    ],
)
def test_email_addresses_are_masked(address: str, expected: str) -> None:
    assert masked_email(address) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("file-truncated: it ends in line 4711", "file-truncated"),
        ("unreadable", "unreadable"),
        ("Ada's file: x", "•••"),
        ("4711", "•••"),
    ],
)
def test_an_error_shows_only_its_code(text: str, expected: str) -> None:
    assert code_alone(text) == expected
