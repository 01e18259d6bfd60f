"""How Django finds the member of staff of a session. Logging in is a use case."""

from uuid import UUID

from django.contrib.auth.backends import BaseBackend

from adapters.persistence.staff.models import StaffUser


class StaffBackend(BaseBackend):
    """Finds enabled staff only: a session ends when its member of staff is disabled."""

    def get_user(self, user_id: UUID | str) -> StaffUser | None:
        return StaffUser.objects.filter(pk=user_id, is_active=True).first()
