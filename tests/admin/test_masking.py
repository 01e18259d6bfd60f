"""No page shows anybody what is a customer's: a canary is put wherever there is text or money."""

from decimal import Decimal

import pytest
from django.contrib import admin
from django.db import Error, connection, models, transaction
from django.test import Client

from adapters.persistence.staff.models import StaffUser
from dashtam.admin.masking import code_alone, masked_email
from dashtam.admin.read_only import ReadOnlyAdmin, is_plain
from domain.staff.values import StaffRole
from tests.admin.people import MODELS, let_in, may_view, pages

#: Begins like nothing else, so that what is left of it would be found too.
CANARY = "Zanarie quokka"
MONEY = Decimal("73918264.9173826455")
ADDRESS = "198.51.100.73"
# Long enough to be in no id by chance.
TRACES = ("anarie", "quokka", "uokka", "73918264", "9173826455", "73,918,264", ADDRESS)

#: Every column of text that is shown as it is. What is added here has been thought about.
SHOWN = {
    "audit_checkpoint": {"key_id"},
    "audit_entry": {
        *("action", "actor_kind", "resource_type", "result", "details"),
        *("trace_id", "ip_address", "user_agent"),
    },
    "connections_connection": {"provider", "status"},
    "connections_credential": {"key_id"},
    "identity_api_token": {"scopes"},
    "identity_mailed_token": {"purpose"},
    "identity_second_factor": {"key_id"},
    "ledger_account": {"kind", "currency"},
    "ledger_account_alias": {"currency"},
    "ledger_balance": {"kind", "currency"},
    "ledger_file": {"key_id"},
    "ledger_holding": {"currency"},
    "ledger_import": {"format", "status", "reader_version"},
    "ledger_preview": {"status", "key_id"},
    "ledger_imported_rows": {"results"},
    "ledger_prior_state": {"currency", "kind", "status", "original_currency"},
    "ledger_statement": {"reconciliation", "currency"},
    "ledger_transaction": {"currency", "kind", "status", "original_currency", "removal"},
    "ledger_transaction_version": {"currency", "kind", "status", "original_currency", "removal"},
    "ledger_transfer": {"decision"},
    "outbox_event": {"type", "aggregate_type", "trace_id", "last_error"},
    "staff_second_factor": {"key_id"},
    "staff_user": {"username", "role"},
}
#: Rows that nobody can change, and columns whose form the database holds.
UNCHANGEABLE = {"audit_entry", "audit_checkpoint"}


def hidden(model: type[models.Model]) -> list["models.Field[object, object]"]:
    """Return the columns that hold what is not shown as it is."""
    shown = SHOWN.get(model._meta.db_table, set())
    return [
        each
        for each in model._meta.concrete_fields
        if not is_plain(each)
        and not isinstance(each, (models.BinaryField, models.GeneratedField))
        and each.name not in shown
    ]


def planted(field: "models.Field[object, object]") -> str | Decimal:
    """Return what stands for something personal in a column of its kind."""
    if isinstance(field, models.DecimalField):
        return MONEY
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
    """Everything hidden holds a canary, as far as the database lets it."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE; SET LOCAL session_replication_role = replica")
    kept = {f"{m._meta.db_table}.{f.column}" for m in MODELS for f in hidden(m) if _plant(m, f)}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("SET LOCAL ROLE dashtam_staff")
    return kept


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


def test_canaries_stand_everywhere(canaries: set[str]) -> None:
    wanted = {f"{m._meta.db_table}.{f.column}" for m in MODELS for f in hidden(m)}

    assert wanted - canaries == set()
    assert {"identity_user.email", "ledger_transaction.amount", "ledger_account.number"} < canaries


@pytest.mark.parametrize("role", StaffRole)
def test_no_page_shows_a_canary(canaries: set[str], client: Client, role: StaffRole) -> None:
    let_in(client, StaffUser.objects.get(username=role.value))
    for model in (each for each in MODELS if may_view(role, each)):
        for page in [*pages(model), "/admin/"]:
            response = client.get(page)
            assert response.status_code == 200, page
            text = response.content.decode()
            assert [trace for trace in TRACES if trace in text] == [], page


def test_a_canary_would_be_seen(
    canaries: set[str], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_in(client, StaffUser.objects.get(username="support"))
    model = next(each for each in MODELS if each._meta.db_table == "ledger_transaction")
    monkeypatch.setattr(type(admin.site._registry[model]), "codes", ("description", "amount"))

    text = client.get(pages(model)[1]).content.decode()

    assert [trace for trace in TRACES if trace in text] != []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_text_is_shown_only_where_that_was_thought_about(model: type[models.Model]) -> None:
    page = admin.site._registry[model]

    assert isinstance(page, ReadOnlyAdmin)
    assert set(page.codes) == SHOWN.get(model._meta.db_table, set())
    plain = {each.name for each in model._meta.concrete_fields if is_plain(each)}
    # A foreign key stands in lists by its id.
    plain |= {each.attname for each in model._meta.concrete_fields if is_plain(each)}
    assert set(page.list_display) <= plain | {*page.codes, *page.masked}


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ada@example.org", "a…@e….org"),
        ("b@mail.example.co.uk", "b…@m….uk"),
        ("ö@é.example", "ö…@é….example"),
        ("nothing", "…@….nothing"),
        ("", "…@…."),
    ],
)
def test_addresses_are_masked(address: str, shown: str) -> None:
    assert masked_email(address) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("file-truncated: it ends in line 4711", "file-truncated"),
        ("unreadable", "unreadable"),
        ("Ada's file: x", "•••"),
        ("4711", "•••"),
    ],
)
def test_of_an_error_its_code_is_shown(text: str, shown: str) -> None:
    assert code_alone(text) == shown
