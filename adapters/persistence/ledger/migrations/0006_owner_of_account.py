from django.db import migrations

# An account is one user's. Without knowing that, the planner multiplies the shares of both columns,
# takes an account for nearly empty, and sorts all of it for a page.
_KNOWN = """
CREATE STATISTICS ledger_transaction_whose (dependencies)
ON account_id, user_id FROM ledger_transaction
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0005_order_of_rows"),
    ]

    operations = [
        migrations.RunSQL(_KNOWN, "DROP STATISTICS ledger_transaction_whose"),
    ]
