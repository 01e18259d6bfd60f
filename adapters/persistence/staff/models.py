"""People who work in the admin. They are not customers, and neither table knows the other."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from domain.shared.ids import new_id


class StaffUser(AbstractUser):
    """Django's own user with a UUIDv7."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        db_table = "staff_user"
        verbose_name = "staff user"
