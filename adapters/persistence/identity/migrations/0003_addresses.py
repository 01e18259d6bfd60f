from django.db import migrations, models

from adapters.persistence.operations import grant_more
from adapters.persistence.roles import Role


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_proofs"),
    ]

    operations = [
        migrations.AddField(
            "usermodel", "wanted_email", models.CharField(max_length=254, null=True)
        ),
        migrations.AddField(
            "usermodel", "former_email", models.CharField(max_length=254, null=True)
        ),
        grant_more("identity_user", Role.APPLICATION, "UPDATE", "wanted_email, former_email"),
        grant_more("identity_session", Role.APPLICATION, "UPDATE", "security_stamp"),
    ]
