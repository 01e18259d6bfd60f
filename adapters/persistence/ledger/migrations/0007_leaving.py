from django.db import migrations

from adapters.persistence.operations import erase_when_due

# The others lose rows in daily work: what is paired, staged or kept under a name may be taken back.
_HISTORY = (
    "ledger_account",
    "ledger_account_alias",
    "ledger_balance",
    "ledger_file",
    "ledger_holding",
    "ledger_import",
    "ledger_security",
    "ledger_sighting",
    "ledger_statement",
    "ledger_transaction",
    "ledger_transaction_version",
)


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0006_owner_of_account"),
        ("identity", "0004_leaving"),
    ]

    operations = [erase_when_due(table) for table in _HISTORY]
