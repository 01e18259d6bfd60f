from django.db import migrations

from adapters.persistence.operations import erase_when_due

# What is past its time, of those who stay too: see `adapters/persistence/belongings/sweep.py`.
_OVER = "least(ended_at, expires_at) < now() - interval '30 days'"
_EXPIRED = "expires_at < now()"


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0003_addresses"),
    ]

    operations = [
        erase_when_due("identity_user", owner="id"),
        erase_when_due("identity_session", or_when=_OVER),
        erase_when_due("identity_refresh_token", or_when=_EXPIRED),
        erase_when_due("identity_mailed_token", or_when=_EXPIRED),
        erase_when_due("identity_api_token"),
    ]
