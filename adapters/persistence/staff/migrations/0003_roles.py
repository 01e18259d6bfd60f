from django.db import migrations, models

# Who could do everything looks after staff from now on; all others have the least that there is.
_KEEP = """
UPDATE staff_user SET is_active = is_active AND is_staff,
    role = CASE WHEN is_superuser THEN 'administrator' ELSE 'support' END
"""
_BACK = "UPDATE staff_user SET is_staff = true, is_superuser = role = 'administrator'"
# Casts keep the words of a constraint the same through dump and restore.
_ROLES = """
ALTER TABLE staff_user ADD CONSTRAINT staff_user_role
CHECK (role::text IN ('support', 'operator', 'auditor', 'administrator'))
"""
_GONE = [
    *("email", "first_name", "last_name", "groups", "user_permissions"),
    *("is_staff", "is_superuser", "last_login"),
]


class Migration(migrations.Migration):
    """Each of the staff has one role; what a role may do is in the code."""

    dependencies = [
        ("staff", "0002_rights"),
    ]

    operations = [
        migrations.AddField(
            model_name="staffuser",
            name="role",
            field=models.CharField(default="support", max_length=16),
            preserve_default=False,
        ),
        migrations.RunSQL(_KEEP, _BACK),
        migrations.AlterModelManagers(name="staffuser", managers=[]),
        *(migrations.RemoveField(model_name="staffuser", name=name) for name in _GONE),
        migrations.RenameField(model_name="staffuser", old_name="date_joined", new_name="added_at"),
        migrations.AlterField(
            model_name="staffuser", name="added_at", field=models.DateTimeField()
        ),
        migrations.AlterField(
            model_name="staffuser", name="is_active", field=models.BooleanField(default=True)
        ),
        migrations.AlterField(
            model_name="staffuser",
            name="username",
            field=models.CharField(max_length=150, unique=True),
        ),
        migrations.RunSQL(_ROLES, "ALTER TABLE staff_user DROP CONSTRAINT staff_user_role"),
    ]
