import re
from pathlib import Path

from django.db import migrations

from adapters.persistence.operations import grant
from adapters.persistence.roles import Role

_HERE = Path(__file__)
LANES = _HERE.with_name("lanes.sql").read_text()
# As the first migration made it.
_ORDER = _HERE.with_name("order.sql").read_text()
_BEFORE = re.search(r"CREATE FUNCTION outbox_claim\(.*?END \$\$;", _ORDER, re.DOTALL)
assert _BEFORE
FORGET_LANES = f"""
DROP FUNCTION outbox_claim_in_turn(interval, text[]);
DROP FUNCTION outbox_due_in_turn(timestamptz, text[]);
DROP TABLE outbox_turn;
DROP FUNCTION outbox_claim(int, interval, text[]);
{_BEFORE[0]}
"""


class Migration(migrations.Migration):
    """Quick events never wait for slow ones, and users take turns with theirs."""

    dependencies = [("outbox", "0001_initial")]

    operations = [
        migrations.RunSQL(LANES, FORGET_LANES),
        grant("outbox_turn", Role.APPLICATION, "SELECT, INSERT, UPDATE, DELETE"),
    ]
