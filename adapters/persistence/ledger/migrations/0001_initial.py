from pathlib import Path
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

from adapters.persistence.base import OwnedForeignKey, OwnedOneToOneField
from adapters.persistence.ledger.models import FeedPosition, Moment
from adapters.persistence.ledger.versions import ACCOUNTS, create_versions_trigger
from adapters.persistence.operations import (
    business_table,
    erase_when_due,
    grant,
    key_by_owner,
    owned_reference,
    owner,
    refuse_nan,
    refuse_unsealed,
    row_columns,
    show_to_owner,
)
from adapters.persistence.roles import Role

Columns = list[tuple[str, "models.Field[Any, Any]"]]

_ACCOUNT_CHANGED = "kind, name, opened_on, closed_on, hidden, removal"
_ACCOUNT_VERSION = (
    *("user_id", "connection_id", "kind", "currency", "institution", "routing_number", "number"),
    *("name", "added_at", "opened_on", "closed_on", "hidden", "removal"),
    *("version", "recorded_at", "feed_position"),
)
_STATED = (
    *("fingerprint", "occurrence", "provider_id", "booking_date", "value_date", "amount"),
    *("currency", "kind", "status", "description", "payee", "counterparty_account", "reference"),
    *("memo", "balance", "original_currency", "exchange_rate"),
    *("line", "raw", "security_id", "quantity", "unit_price"),
)
_OWNERS_SAY = (
    *("note", "category", "category_id", "category_source"),
    *("tags", "tags_source", "splits", "payee_name", "removal"),
)
_CHANGED = ", ".join(("account_id", "import_id", *_STATED, *_OWNERS_SAY))
_VERSION = (
    *("user_id", "account_id", "import_id"),
    *_STATED,
    *_OWNERS_SAY,
    *("version", "recorded_at", "feed_position"),
)
_IMPORT = (
    "format, imported_at, quarantined, status, error, reader_version, hints, undone_at,"
    " undone_position"
)
_CATEGORY = "parent_id, name, key, removed, version"
_RULE = "name, position, conditions, category_id, tags, payee_name, enabled, version"
_DECIDED = "decision, decided_at, outgoing_amount, incoming_amount"
_MATCH = "added_id, existing_id, status, decided_at"
_RECONCILED = "ledger_reconciliation, ledger_difference, ledger_since"
_PREVIEW = "status, error, sealed, key_id"

# The time that all writes of a transaction carry.
_MOMENT = Path(__file__).with_name("moment.sql").read_text()
# The words of a transaction, by which it is searched, and the index of them.
_SEARCH = Path(__file__).with_name("search.sql").read_text()
_NO_SEARCH = """
DROP POLICY ledger_transaction_search ON ledger_transaction;
DROP INDEX ledger_transaction_words;
REVOKE SELECT ON ledger_transaction FROM dashtam_guard;
DROP FUNCTION ledger_words(text, text, text, text)
"""
# An account is one user's. Without knowing that, the planner multiplies the shares of both columns,
# takes an account for nearly empty, and sorts all of it for a page.
_WHOSE = """
CREATE STATISTICS ledger_transaction_whose (dependencies)
ON account_id, user_id FROM ledger_transaction
"""
# Each row is an element of every array.
_WHOLE = """
ALTER TABLE ledger_imported_rows ADD CONSTRAINT ledger_rows_whole CHECK (
    cardinality(transaction_ids) > 0
    AND cardinality(states) = cardinality(transaction_ids)
    AND cardinality(lines) = cardinality(transaction_ids)
    AND length(results) = cardinality(transaction_ids)
    AND results ~ '^[nsucd]+$'
)
"""
# A file that cannot be imported is of no use to anybody: all imports of it failed.
_USELESS = """NOT EXISTS (
    SELECT FROM ledger_import AS i
    WHERE i.user_id = ledger_file.user_id AND i.digest = ledger_file.digest AND (
        i.error = '' OR (
            i.status = 'asked' AND i.undone_at IS NULL
            AND i.imported_at > now() - interval '30 days'
        )
    )
)"""
# The others lose rows in daily work: what is paired, staged or kept under a name may be taken back.
_HISTORY = (
    "ledger_account",
    "ledger_account_alias",
    "ledger_account_merge",
    "ledger_account_version",
    "ledger_balance",
    "ledger_category",
    "ledger_category_version",
    "ledger_holding",
    "ledger_import",
    "ledger_security",
    "ledger_imported_category",
    "ledger_imported_rows",
    "ledger_match",
    "ledger_rule_application",
    "ledger_rule_effect",
    "ledger_statement",
    "ledger_transaction",
    "ledger_transaction_version",
)


_TAGS = ArrayField(models.CharField(max_length=40))


def _tags() -> "ArrayField[Any, Any]":
    return ArrayField(models.CharField(max_length=40), db_default=models.Value([], _TAGS))


def _decimal(**options: Any) -> "models.DecimalField[Any, Any]":
    return models.DecimalField(max_digits=28, decimal_places=10, **options)


def _account_columns() -> Columns:
    """Return what there is to a version of an account."""
    return [
        ("connection", OwnedForeignKey("connections.connectionmodel")),
        ("kind", models.CharField(max_length=32)),
        ("currency", models.CharField(max_length=3)),
        ("institution", models.CharField(blank=True, max_length=255)),
        ("routing_number", models.CharField(blank=True, db_default="", max_length=255)),
        ("number", models.CharField(blank=True, max_length=255)),
        ("name", models.CharField(max_length=255)),
        ("added_at", models.DateTimeField()),
        ("opened_on", models.DateField(null=True)),
        ("closed_on", models.DateField(null=True)),
        ("hidden", models.BooleanField(db_default=False)),
        ("removal", models.CharField(max_length=16, null=True)),
        ("version", models.PositiveIntegerField(db_default=1)),
        ("recorded_at", models.DateTimeField(db_default=Moment())),
        ("feed_position", models.BigIntegerField(db_default=FeedPosition())),
    ]


def _stated_columns() -> Columns:
    """Return what a row of a statement states, and of which account."""
    return [
        ("account", OwnedForeignKey("ledger.accountmodel")),
        ("fingerprint", models.BinaryField(max_length=32)),
        ("occurrence", models.PositiveIntegerField()),
        ("provider_id", models.CharField(max_length=255, null=True)),
        ("booking_date", models.DateField()),
        ("value_date", models.DateField(null=True)),
        ("amount", _decimal()),
        ("currency", models.CharField(max_length=3)),
        ("kind", models.CharField(max_length=32)),
        ("status", models.CharField(max_length=16)),
        ("description", models.TextField(blank=True)),
        ("payee", models.TextField(blank=True, db_default="")),
        ("counterparty_account", models.TextField(blank=True, db_default="")),
        ("reference", models.TextField(blank=True, db_default="")),
        ("memo", models.TextField(blank=True, db_default="")),
        ("balance", _decimal(null=True)),
        ("original_currency", models.CharField(max_length=3, null=True)),
        ("exchange_rate", _decimal(null=True)),
        ("line", models.PositiveIntegerField()),
        ("raw", models.JSONField()),
        ("quantity", _decimal(null=True)),
        ("unit_price", _decimal(null=True)),
        ("security", OwnedForeignKey("ledger.securitymodel", null=True)),
    ]


def _version_columns() -> Columns:
    """Return what else there is to a version of a transaction."""
    return [
        ("source", OwnedForeignKey("ledger.importmodel", db_column="import_id")),
        ("note", models.TextField(blank=True, db_default="")),
        ("category", models.CharField(blank=True, db_default="", max_length=255)),
        ("category_id", models.UUIDField(null=True)),
        ("category_source", models.CharField(max_length=16, null=True)),
        ("tags", _tags()),
        ("tags_source", models.CharField(max_length=16, null=True)),
        ("splits", models.JSONField(db_default=models.Value([], models.JSONField()))),
        ("payee_name", models.CharField(blank=True, db_default="", max_length=255)),
        ("removal", models.CharField(max_length=16, null=True)),
        ("version", models.PositiveIntegerField(db_default=1)),
        ("recorded_at", models.DateTimeField(db_default=Moment())),
        ("feed_position", models.BigIntegerField(db_default=FeedPosition())),
    ]


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("connections", "0001_initial"),
        ("identity", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(_MOMENT, "DROP FUNCTION ledger_moment()"),
        migrations.CreateModel(
            name="ImportModel",
            fields=[
                *row_columns(),
                ("file_name", models.CharField(blank=True, max_length=255)),
                ("digest", models.BinaryField(max_length=32)),
                ("size", models.BigIntegerField()),
                ("format", models.CharField(max_length=16)),
                ("imported_at", models.DateTimeField()),
                ("quarantined", models.JSONField()),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_position", models.BigIntegerField(null=True)),
                ("status", models.CharField(db_default="done", max_length=16)),
                ("error", models.CharField(blank=True, db_default="", max_length=255)),
                ("reader_version", models.CharField(blank=True, db_default="", max_length=64)),
                ("hints", models.JSONField(db_default=models.Value({}, models.JSONField()))),
                ("user", owner()),
            ],
            options={
                "verbose_name": "import",
                "db_table": "ledger_import",
                "indexes": [
                    models.Index(
                        condition=models.Q(("undone_position__isnull", False)),
                        fields=["user", "undone_position"],
                        name="ledger_import_undone",
                    ),
                    models.Index(
                        condition=models.Q(("status", "waiting")),
                        fields=["user"],
                        name="ledger_import_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("status", "asked")),
                        fields=["user", "digest"],
                        name="ledger_import_asked",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccountModel",
            fields=[
                *row_columns(),
                *_account_columns(),
                ("user", owner()),
            ],
            options={
                "verbose_name": "account",
                "db_table": "ledger_account",
                "indexes": [
                    models.Index(fields=["user", "connection"], name="ledger_account_connection"),
                    models.Index(
                        fields=["user", "feed_position", "id"], name="ledger_account_feed"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccountVersionModel",
            fields=[
                *row_columns(),
                *_account_columns(),
                ("superseded_at", models.DateTimeField()),
                ("account", OwnedForeignKey("ledger.accountmodel", related_name="versions")),
                ("user", owner()),
            ],
            options={
                "verbose_name": "account version",
                "db_table": "ledger_account_version",
                "indexes": [
                    models.Index(fields=["user", "connection"], name="ledger_account_version_link"),
                    models.Index(
                        fields=["user", "feed_position", "account"],
                        name="ledger_account_version_feed",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "account", "version"),
                        name="ledger_account_version_number",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccountAliasModel",
            fields=[
                *row_columns(),
                ("institution", models.CharField(blank=True, max_length=255)),
                ("number", models.CharField(max_length=255)),
                ("currency", models.CharField(max_length=3)),
                ("user", owner()),
                ("account", OwnedForeignKey("ledger.accountmodel", related_name="aliases")),
            ],
            options={
                "verbose_name": "account alias",
                "verbose_name_plural": "account aliases",
                "db_table": "ledger_account_alias",
                "indexes": [
                    models.Index(fields=["user", "account"], name="ledger_account_alias_account"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "institution", "number", "currency"),
                        name="ledger_account_alias_unique",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccountMergeModel",
            fields=[
                *row_columns(),
                ("merged_at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
                ("imports", ArrayField(models.UUIDField())),
                ("repeated", ArrayField(models.UUIDField())),
                ("rows", models.JSONField()),
                ("transactions", ArrayField(models.UUIDField())),
                ("aliases", ArrayField(models.UUIDField())),
                ("annotated", models.JSONField()),
                ("user", owner()),
                ("account", OwnedForeignKey("ledger.accountmodel", related_name="merges")),
                ("merged", OwnedForeignKey("ledger.accountmodel", related_name="+")),
            ],
            options={
                "verbose_name": "merge of accounts",
                "verbose_name_plural": "merges of accounts",
                "db_table": "ledger_account_merge",
                "indexes": [
                    models.Index(fields=["user", "account"], name="ledger_account_merge_into"),
                    models.Index(fields=["user", "merged"], name="ledger_account_merge_of"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CsvProfileModel",
            fields=[
                *row_columns(),
                ("name", models.CharField(max_length=255)),
                ("profile", models.JSONField()),
                ("user", owner()),
            ],
            options={
                "verbose_name": "CSV profile",
                "db_table": "ledger_csv_profile",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "name"), name="ledger_csv_profile_name"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExchangeRatesModel",
            fields=[
                *row_columns(),
                ("day", models.DateField()),
                ("base", models.CharField(max_length=3)),
                ("source", models.CharField(max_length=16)),
                ("rates", models.JSONField()),
                ("user", owner()),
            ],
            options={
                "verbose_name": "exchange rates",
                "verbose_name_plural": "exchange rates",
                "db_table": "ledger_exchange_rates",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "day", "base", "source"),
                        name="ledger_exchange_rates_list",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FileModel",
            fields=[
                *row_columns(),
                ("digest", models.BinaryField(max_length=32)),
                ("sealed", models.BinaryField()),
                ("key_id", models.CharField(max_length=63)),
                ("user", owner()),
            ],
            options={
                "verbose_name": "file",
                "db_table": "ledger_file",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "digest"), name="ledger_file_digest"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProgressModel",
            fields=[
                (
                    "source",
                    OwnedOneToOneField(
                        "ledger.importmodel",
                        db_column="import_id",
                        primary_key=True,
                        related_name="progress",
                        serialize=False,
                    ),
                ),
                ("rows", models.PositiveIntegerField()),
                ("entered", models.PositiveIntegerField()),
                ("user", owner(db_constraint=False)),
            ],
            options={
                "verbose_name": "progress of an import",
                "verbose_name_plural": "progress of imports",
                "db_table": "ledger_import_progress",
            },
        ),
        migrations.CreateModel(
            name="BalanceModel",
            fields=[
                *row_columns(),
                ("kind", models.CharField(max_length=16)),
                ("day", models.DateField()),
                ("amount", _decimal()),
                ("currency", models.CharField(max_length=3)),
                ("feed_position", models.BigIntegerField(db_default=FeedPosition())),
                (
                    "account",
                    OwnedForeignKey("ledger.accountmodel", related_name="balances"),
                ),
                ("user", owner()),
                ("source", OwnedForeignKey("ledger.importmodel", db_column="import_id")),
            ],
            options={
                "verbose_name": "balance",
                "db_table": "ledger_balance",
                "indexes": [
                    models.Index(fields=["user", "source"], name="ledger_balance_import"),
                    models.Index(
                        fields=["user", "feed_position", "id"], name="ledger_balance_feed"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "account", "kind", "day", "currency", "amount", "source"),
                        name="ledger_balance_unique",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PreviewModel",
            fields=[
                *row_columns(),
                ("file_name", models.CharField(blank=True, max_length=255)),
                ("digest", models.BinaryField(max_length=32)),
                ("size", models.BigIntegerField()),
                ("requested_at", models.DateTimeField()),
                ("hints", models.JSONField(db_default=models.Value({}, models.JSONField()))),
                ("status", models.CharField(max_length=16)),
                ("error", models.CharField(blank=True, db_default="", max_length=255)),
                ("sealed", models.BinaryField(null=True)),
                ("key_id", models.CharField(max_length=63)),
                ("user", owner()),
            ],
            options={
                "verbose_name": "preview",
                "db_table": "ledger_preview",
            },
        ),
        migrations.CreateModel(
            name="SecurityModel",
            fields=[
                *row_columns(),
                ("scheme", models.CharField(blank=True, max_length=255)),
                ("number", models.CharField(max_length=255)),
                ("name", models.CharField(blank=True, max_length=255)),
                ("ticker", models.CharField(blank=True, max_length=255)),
                ("user", owner()),
            ],
            options={
                "verbose_name": "security",
                "verbose_name_plural": "securities",
                "db_table": "ledger_security",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "scheme", "number"), name="ledger_security_number"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatementModel",
            fields=[
                *row_columns(),
                ("place", models.PositiveIntegerField()),
                ("report_type", models.CharField(blank=True, max_length=16)),
                ("number", models.CharField(blank=True, max_length=255)),
                ("currency", models.CharField(max_length=3)),
                ("first_day", models.DateField(null=True)),
                ("last_day", models.DateField(null=True)),
                ("opening", _decimal(null=True)),
                ("opening_day", models.DateField(null=True)),
                ("closing", _decimal(null=True)),
                ("closing_day", models.DateField(null=True)),
                ("pending_day", models.DateField(null=True)),
                ("holdings_day", models.DateField(null=True)),
                (
                    "corrected_ids",
                    ArrayField(
                        models.CharField(max_length=255),
                        db_default=models.Value([], ArrayField(models.CharField(max_length=255))),
                    ),
                ),
                ("reconciliation", models.CharField(max_length=16)),
                ("ledger_reconciliation", models.CharField(max_length=16)),
                (
                    "ledger_difference",
                    models.DecimalField(decimal_places=10, max_digits=28, null=True),
                ),
                ("ledger_since", models.DateField(null=True)),
                ("new", models.PositiveIntegerField()),
                ("same", models.PositiveIntegerField()),
                ("updates", models.PositiveIntegerField()),
                ("conflict", models.PositiveIntegerField()),
                ("deleted", models.PositiveIntegerField()),
                ("balances", models.PositiveIntegerField()),
                ("suggested", models.PositiveIntegerField()),
                ("withdrawn", ArrayField(models.UUIDField(), null=True)),
                ("account", OwnedForeignKey("ledger.accountmodel")),
                (
                    "source",
                    OwnedForeignKey(
                        "ledger.importmodel", db_column="import_id", related_name="statements"
                    ),
                ),
                ("user", owner(db_constraint=False)),
            ],
            options={
                "verbose_name": "statement",
                "db_table": "ledger_statement",
                "indexes": [
                    models.Index(
                        fields=["user", "account", "-closing_day"], name="ledger_statement_newest"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "source", "place"), name="ledger_statement_place"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HoldingModel",
            fields=[
                *row_columns(),
                ("day", models.DateField()),
                ("quantity", _decimal()),
                ("currency", models.CharField(max_length=3)),
                ("price", _decimal(null=True)),
                ("value", _decimal(null=True)),
                ("cost_basis", _decimal(null=True)),
                ("line", models.PositiveIntegerField()),
                ("feed_position", models.BigIntegerField(db_default=FeedPosition())),
                ("account", OwnedForeignKey("ledger.accountmodel")),
                ("user", owner(db_constraint=False)),
                ("source", OwnedForeignKey("ledger.importmodel", db_column="import_id")),
                ("security", OwnedForeignKey("ledger.securitymodel")),
                ("statement", OwnedForeignKey("ledger.statementmodel", related_name="holdings")),
            ],
            options={
                "verbose_name": "holding",
                "db_table": "ledger_holding",
                "indexes": [
                    models.Index(fields=["user", "source"], name="ledger_holding_import"),
                    models.Index(fields=["user", "statement"], name="ledger_holding_statement"),
                    models.Index(fields=["user", "account", "-day"], name="ledger_holding_newest"),
                    models.Index(
                        fields=["user", "feed_position", "id"], name="ledger_holding_feed"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TransactionModel",
            fields=[
                *row_columns(),
                *_stated_columns(),
                *_version_columns(),
                ("user", owner(db_constraint=False)),
            ],
            options={
                "verbose_name": "transaction",
                "db_table": "ledger_transaction",
                "indexes": [
                    models.Index(fields=["user", "source"], name="ledger_transaction_import"),
                    models.Index(
                        condition=models.Q(("removal__isnull", True)),
                        fields=["user", "account", "-booking_date", "-id"],
                        name="ledger_transaction_newest",
                    ),
                    models.Index(
                        condition=models.Q(("removal__isnull", True)),
                        fields=["user", "-booking_date", "-id"],
                        name="ledger_transaction_days",
                    ),
                    models.Index(
                        condition=models.Q(("provider_id__isnull", False)),
                        fields=["user", "account", "provider_id"],
                        name="ledger_transaction_provider_id",
                    ),
                    models.Index(
                        condition=models.Q(("status", "pending")),
                        fields=["user", "account"],
                        name="ledger_transaction_pending",
                    ),
                    models.Index(
                        condition=models.Q(("removal", "undone")),
                        fields=["user", "account", "fingerprint"],
                        name="ledger_transaction_undone",
                    ),
                    models.Index(
                        fields=["user", "feed_position", "id"], name="ledger_transaction_feed"
                    ),
                    models.Index(
                        condition=models.Q(("removal__isnull", True), ("status", "posted")),
                        fields=["user", "account", "currency", "booking_date"],
                        include=("amount",),
                        name="ledger_transaction_booked",
                    ),
                    models.Index(
                        condition=models.Q(("removal", "deleted")),
                        fields=["user", "-booking_date", "-id"],
                        name="ledger_transaction_deleted",
                    ),
                    models.Index(
                        condition=models.Q(("category_id__isnull", False)),
                        fields=["user", "category_id"],
                        name="ledger_transaction_category",
                    ),
                    models.Index(
                        condition=models.Q(("splits", []), _negated=True),
                        fields=["user", "id"],
                        name="ledger_transaction_split",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("removal__isnull", True),
                            models.Q(("tags", []), _negated=True),
                        ),
                        fields=["user", "-booking_date", "-id"],
                        name="ledger_transaction_tagged",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("removal__isnull", True),
                            ("removal", "deleted"),
                            ("removal", "expired"),
                            _connector="OR",
                        ),
                        fields=("user", "account", "fingerprint", "occurrence"),
                        name="ledger_transaction_key",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PriorStateModel",
            fields=[
                *row_columns(),
                *_stated_columns(),
                ("user", owner(db_constraint=False)),
                (
                    "transaction",
                    OwnedForeignKey("ledger.transactionmodel", related_name="prior_states"),
                ),
            ],
            options={
                "verbose_name": "prior state",
                "db_table": "ledger_prior_state",
                "indexes": [
                    models.Index(
                        fields=["user", "transaction"], name="ledger_prior_state_transaction"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "account", "fingerprint", "occurrence"),
                        name="ledger_prior_state_key",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportedRowsModel",
            fields=[
                *row_columns(),
                ("place", models.PositiveIntegerField()),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("first_line", models.PositiveIntegerField()),
                ("last_line", models.PositiveIntegerField()),
                ("transaction_ids", ArrayField(models.UUIDField())),
                ("states", ArrayField(models.IntegerField())),
                ("lines", ArrayField(models.IntegerField())),
                ("results", models.TextField()),
                ("undone", models.BooleanField(db_default=False)),
                ("account", OwnedForeignKey("ledger.accountmodel")),
                (
                    "source",
                    OwnedForeignKey(
                        "ledger.importmodel",
                        db_column="import_id",
                        related_name="imported_rows",
                    ),
                ),
                ("user", owner(db_constraint=False)),
            ],
            options={
                "verbose_name": "imported rows",
                "verbose_name_plural": "imported rows",
                "db_table": "ledger_imported_rows",
                "indexes": [
                    models.Index(fields=["user", "source"], name="ledger_rows_import"),
                    models.Index(fields=["user", "account", "last_day"], name="ledger_rows_days"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TransactionVersionModel",
            fields=[
                *row_columns(),
                *_stated_columns(),
                *_version_columns(),
                ("superseded_at", models.DateTimeField()),
                (
                    "transaction",
                    OwnedForeignKey("ledger.transactionmodel", related_name="versions"),
                ),
                ("user", owner(db_constraint=False)),
            ],
            options={
                "verbose_name": "transaction version",
                "db_table": "ledger_transaction_version",
                "indexes": [
                    models.Index(fields=["user", "source"], name="ledger_version_import"),
                    models.Index(
                        fields=["user", "account", "-booking_date", "-transaction"],
                        name="ledger_version_newest",
                    ),
                    models.Index(
                        fields=["user", "feed_position", "transaction"], name="ledger_version_feed"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "transaction", "version"), name="ledger_version_number"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TransferModel",
            fields=[
                *row_columns(),
                ("decision", models.CharField(max_length=16)),
                ("decided_at", models.DateTimeField()),
                ("outgoing_amount", _decimal()),
                ("incoming_amount", _decimal()),
                ("incoming", OwnedForeignKey("ledger.transactionmodel")),
                ("outgoing", OwnedForeignKey("ledger.transactionmodel")),
                ("user", owner(db_constraint=False)),
            ],
            options={
                "verbose_name": "transfer",
                "db_table": "ledger_transfer",
                "indexes": [
                    models.Index(fields=["user", "incoming"], name="ledger_transfer_into"),
                    models.Index(fields=["user", "decision"], name="ledger_transfer_decided"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "outgoing", "incoming"), name="ledger_transfer_pair"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("decision", "confirmed")),
                        fields=("user", "outgoing"),
                        name="ledger_transfer_outgoing",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("decision", "confirmed")),
                        fields=("user", "incoming"),
                        name="ledger_transfer_incoming",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MatchModel",
            fields=[
                *row_columns(),
                ("status", models.CharField(max_length=16)),
                ("decided_at", models.DateTimeField(null=True)),
                ("added", OwnedForeignKey("ledger.transactionmodel")),
                ("existing", OwnedForeignKey("ledger.transactionmodel")),
                ("user", owner(db_constraint=False)),
            ],
            options={
                "verbose_name": "match",
                "verbose_name_plural": "matches",
                "db_table": "ledger_match",
                "indexes": [
                    models.Index(fields=["user", "existing"], name="ledger_match_existing"),
                    models.Index(fields=["user", "status", "-id"], name="ledger_match_newest"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "added", "existing"), name="ledger_match_pair"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CategoryModel",
            fields=[
                *row_columns(),
                ("name", models.CharField(max_length=100)),
                ("key", models.TextField()),
                ("removed", models.BooleanField(db_default=False)),
                ("version", models.PositiveIntegerField(db_default=1)),
                ("parent", OwnedForeignKey("ledger.categorymodel", null=True)),
                ("user", owner()),
            ],
            options={
                "verbose_name": "category",
                "verbose_name_plural": "categories",
                "db_table": "ledger_category",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed", False)),
                        fields=("user", "parent", "key"),
                        name="ledger_category_key",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CategoryVersionModel",
            fields=[
                *row_columns(),
                ("name", models.CharField(max_length=100)),
                ("removed", models.BooleanField()),
                ("version", models.PositiveIntegerField()),
                ("recorded_at", models.DateTimeField(db_default=Moment())),
                ("feed_position", models.BigIntegerField(db_default=FeedPosition())),
                ("category", OwnedForeignKey("ledger.categorymodel", related_name="versions")),
                ("parent", OwnedForeignKey("ledger.categorymodel", null=True)),
                ("user", owner(db_constraint=False)),
            ],
            options={
                "verbose_name": "category version",
                "db_table": "ledger_category_version",
                "indexes": [
                    models.Index(
                        fields=["user", "feed_position", "category"], name="ledger_category_feed"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "category", "version"),
                        name="ledger_category_version_number",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportedCategoryModel",
            fields=[
                *row_columns(),
                ("category", OwnedForeignKey("ledger.categorymodel", null=True)),
                ("splits", models.JSONField(db_default=models.Value([], models.JSONField()))),
                ("tags", _tags()),
                ("source", OwnedForeignKey("ledger.importmodel", db_column="import_id")),
                ("transaction", OwnedForeignKey("ledger.transactionmodel")),
                ("user", owner(db_constraint=False)),
            ],
            options={
                "verbose_name": "imported category",
                "verbose_name_plural": "imported categories",
                "db_table": "ledger_imported_category",
                "indexes": [
                    models.Index(fields=["user", "source"], name="ledger_imported_category_from"),
                    models.Index(
                        fields=["user", "transaction"], name="ledger_imported_category_of"
                    ),
                    models.Index(fields=["user", "category"], name="ledger_imported_category_is"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RuleModel",
            fields=[
                *row_columns(),
                ("name", models.CharField(max_length=100)),
                ("position", models.PositiveIntegerField()),
                ("conditions", models.JSONField()),
                ("tags", ArrayField(models.CharField(max_length=40))),
                ("payee_name", models.CharField(blank=True, max_length=255)),
                ("enabled", models.BooleanField()),
                ("version", models.PositiveIntegerField()),
                ("category", OwnedForeignKey("ledger.categorymodel", null=True)),
                ("user", owner()),
            ],
            options={
                "verbose_name": "rule",
                "db_table": "ledger_rule",
            },
        ),
        migrations.CreateModel(
            name="RuleApplicationModel",
            fields=[
                *row_columns(),
                ("applied_at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
                ("transactions", models.PositiveIntegerField()),
                ("source", OwnedForeignKey("ledger.importmodel", db_column="import_id", null=True)),
                ("user", owner()),
            ],
            options={
                "verbose_name": "application of rules",
                "verbose_name_plural": "applications of rules",
                "db_table": "ledger_rule_application",
                "indexes": [
                    models.Index(fields=["user", "source"], name="ledger_rule_application_of"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RuleEffectModel",
            fields=[
                *row_columns(),
                ("rule_ids", ArrayField(models.UUIDField())),
                ("payee_name", models.CharField(blank=True, max_length=255)),
                ("tags", ArrayField(models.CharField(max_length=40))),
                (
                    "application",
                    OwnedForeignKey("ledger.ruleapplicationmodel", related_name="effects"),
                ),
                ("category", OwnedForeignKey("ledger.categorymodel", null=True)),
                ("transaction", OwnedForeignKey("ledger.transactionmodel")),
                ("user", owner(db_constraint=False)),
            ],
            options={
                "verbose_name": "effect of rules",
                "verbose_name_plural": "effects of rules",
                "db_table": "ledger_rule_effect",
                "indexes": [
                    models.Index(fields=["user", "transaction"], name="ledger_rule_effect_on"),
                    models.Index(fields=["user", "category"], name="ledger_rule_effect_category"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "application", "transaction"),
                        name="ledger_rule_effect_key",
                    ),
                ],
            },
        ),
        migrations.RunSQL(_WHOSE, "DROP STATISTICS ledger_transaction_whose"),
        *business_table("ledger_account", f"SELECT, INSERT, UPDATE ({_ACCOUNT_CHANGED})"),
        *business_table("ledger_account_alias", "SELECT, INSERT, UPDATE (account_id)"),
        *business_table("ledger_account_merge", "SELECT, INSERT, UPDATE (repeated, undone_at)"),
        *business_table("ledger_account_version", "SELECT, INSERT"),
        *business_table("ledger_balance", "SELECT, INSERT"),
        *business_table("ledger_category", f"SELECT, INSERT, UPDATE ({_CATEGORY})"),
        *business_table("ledger_category_version", "SELECT, INSERT"),
        *business_table(
            "ledger_imported_category",
            "SELECT, INSERT, UPDATE (transaction_id, category_id, splits)",
        ),
        *business_table("ledger_csv_profile", "SELECT, INSERT, DELETE, UPDATE (name, profile)"),
        *business_table("ledger_exchange_rates", "SELECT, INSERT, DELETE, UPDATE (rates)"),
        *business_table("ledger_file", "SELECT, INSERT, UPDATE (sealed, key_id)"),
        *business_table("ledger_holding", "SELECT, INSERT"),
        *business_table("ledger_import", f"SELECT, INSERT, UPDATE ({_IMPORT})"),
        *business_table("ledger_preview", f"SELECT, INSERT, DELETE, UPDATE ({_PREVIEW})"),
        *business_table("ledger_security", "SELECT, INSERT, UPDATE (name, ticker)"),
        *business_table("ledger_imported_rows", "SELECT, INSERT, UPDATE (undone, transaction_ids)"),
        *business_table("ledger_match", f"SELECT, INSERT, UPDATE ({_MATCH})"),
        *business_table(
            "ledger_prior_state",
            f"SELECT, INSERT, DELETE, UPDATE (account_id, transaction_id, {', '.join(_STATED)})",
        ),
        *business_table("ledger_rule", f"SELECT, INSERT, DELETE, UPDATE ({_RULE})"),
        *business_table("ledger_rule_application", "SELECT, INSERT, UPDATE (undone_at)"),
        *business_table(
            "ledger_rule_effect", "SELECT, INSERT, UPDATE (transaction_id, category_id)"
        ),
        *business_table("ledger_statement", f"SELECT, INSERT, UPDATE ({_RECONCILED})"),
        *business_table("ledger_transaction", f"SELECT, INSERT, UPDATE ({_CHANGED})"),
        *business_table("ledger_transaction_version", "SELECT, INSERT"),
        *business_table("ledger_transfer", f"SELECT, INSERT, DELETE, UPDATE ({_DECIDED})"),
        migrations.RunSQL(_SEARCH, _NO_SEARCH),
        # What is lost in a crash here is how far an import had come that was lost too. Progress is
        # told of previews as well, so that it refers to no import.
        migrations.RunSQL(
            "ALTER TABLE ledger_import_progress SET UNLOGGED", migrations.RunSQL.noop
        ),
        key_by_owner("ledger_import_progress", "import_id"),
        show_to_owner("ledger_import_progress"),
        grant("ledger_import_progress", Role.APPLICATION, "SELECT, INSERT, UPDATE, DELETE"),
        grant("ledger_import_progress", Role.STAFF, "SELECT"),
        create_versions_trigger(_VERSION),
        create_versions_trigger(_ACCOUNT_VERSION, ACCOUNTS),
        owned_reference("connections_link", "account_id", "ledger_account"),
        owned_reference("connections_link", "import_id", "ledger_import"),
        owned_reference("ledger_account", "connection_id", "connections_connection"),
        owned_reference("ledger_account_alias", "account_id", "ledger_account"),
        owned_reference("ledger_account_merge", "account_id", "ledger_account"),
        owned_reference("ledger_account_merge", "merged_id", "ledger_account"),
        owned_reference("ledger_account_version", "account_id", "ledger_account"),
        owned_reference("ledger_account_version", "connection_id", "connections_connection"),
        owned_reference("ledger_balance", "account_id", "ledger_account"),
        owned_reference("ledger_balance", "import_id", "ledger_import"),
        owned_reference("ledger_category", "parent_id", "ledger_category"),
        owned_reference("ledger_category_version", "category_id", "ledger_category"),
        owned_reference("ledger_category_version", "parent_id", "ledger_category"),
        owned_reference("ledger_holding", "account_id", "ledger_account"),
        owned_reference("ledger_holding", "import_id", "ledger_import"),
        owned_reference("ledger_holding", "security_id", "ledger_security"),
        owned_reference("ledger_holding", "statement_id", "ledger_statement"),
        owned_reference("ledger_imported_category", "category_id", "ledger_category"),
        owned_reference("ledger_imported_category", "import_id", "ledger_import"),
        owned_reference("ledger_imported_category", "transaction_id", "ledger_transaction"),
        owned_reference("ledger_imported_rows", "account_id", "ledger_account"),
        owned_reference("ledger_imported_rows", "import_id", "ledger_import"),
        owned_reference("ledger_match", "added_id", "ledger_transaction"),
        owned_reference("ledger_match", "existing_id", "ledger_transaction"),
        owned_reference("ledger_prior_state", "account_id", "ledger_account"),
        owned_reference("ledger_prior_state", "security_id", "ledger_security"),
        owned_reference("ledger_prior_state", "transaction_id", "ledger_transaction"),
        owned_reference("ledger_rule", "category_id", "ledger_category"),
        owned_reference("ledger_rule_application", "import_id", "ledger_import"),
        owned_reference("ledger_rule_effect", "application_id", "ledger_rule_application"),
        owned_reference("ledger_rule_effect", "category_id", "ledger_category"),
        owned_reference("ledger_rule_effect", "transaction_id", "ledger_transaction"),
        owned_reference("ledger_statement", "account_id", "ledger_account"),
        owned_reference("ledger_statement", "import_id", "ledger_import"),
        owned_reference("ledger_transaction", "account_id", "ledger_account"),
        owned_reference("ledger_transaction", "category_id", "ledger_category"),
        owned_reference("ledger_transaction", "import_id", "ledger_import"),
        owned_reference("ledger_transaction", "security_id", "ledger_security"),
        owned_reference("ledger_transaction_version", "account_id", "ledger_account"),
        owned_reference("ledger_transaction_version", "category_id", "ledger_category"),
        owned_reference("ledger_transaction_version", "import_id", "ledger_import"),
        owned_reference("ledger_transaction_version", "security_id", "ledger_security"),
        owned_reference("ledger_transaction_version", "transaction_id", "ledger_transaction"),
        owned_reference("ledger_transfer", "incoming_id", "ledger_transaction"),
        owned_reference("ledger_transfer", "outgoing_id", "ledger_transaction"),
        refuse_nan("ledger_balance", "amount"),
        *(
            refuse_nan("ledger_holding", column)
            for column in ("quantity", "price", "value", "cost_basis")
        ),
        *(
            refuse_nan(table, column)
            for table in ("ledger_prior_state", "ledger_transaction")
            for column in ("amount", "quantity")
        ),
        migrations.RunSQL(
            _WHOLE, "ALTER TABLE ledger_imported_rows DROP CONSTRAINT ledger_rows_whole"
        ),
        refuse_unsealed("ledger_file", "sealed", "key_id"),
        refuse_unsealed("ledger_preview", "sealed", "key_id"),
        *(erase_when_due(table) for table in _HISTORY),
        erase_when_due("ledger_file", or_when=_USELESS),
    ]
