"""Staff. They are not customers, and the two tables are unrelated."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models

from adapters.persistence.base import BaseModel
from domain.shared.ids import new_id
from domain.staff.values import StaffRole

#: Tables of staff where each write needs an audit entry.
AUDITED_TABLES = ("staff_second_factor", "staff_user")


class StaffUser(AbstractBaseUser):
    """A member of staff, in the form that Django's sessions and permissions expect.

    There is no last log-in: it would be a write that says nothing beyond the audit trail.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=150, unique=True)
    role = models.CharField(max_length=16)
    is_active = models.BooleanField(default=True)
    added_at = models.DateTimeField()
    last_login = None

    USERNAME_FIELD = "username"

    class Meta:
        db_table = "staff_user"
        verbose_name = "staff user"

    @property
    def is_staff(self) -> bool:
        return True

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Answer Django's permission checks: pages can be viewed, some operated, none edited."""
        feature, _, codename = perm.partition(".")
        role = StaffRole(self.role)
        asked = codename.partition("_")[0]
        may = asked == "view" or (asked == "operate" and role.may_operate)
        return self.is_active and may and role.may_view(feature)

    def has_perms(self, perm_list: list[str], obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and StaffRole(self.role).may_view(app_label)

    def get_short_name(self) -> str:
        return self.username


class SecondFactorModel(BaseModel):
    """The encrypted secret of a second factor. `key_id` is the key that wraps its key."""

    staff = models.OneToOneField(StaffUser, on_delete=models.CASCADE, related_name="second_factor")
    sealed = models.BinaryField()
    key_id = models.CharField(max_length=63)
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "staff_second_factor"
        verbose_name = "second factor"
