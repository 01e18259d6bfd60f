"""How Django finds who a session is of. Nobody logs in here: that is a use case."""

from uuid import UUID

from django.contrib.auth.backends import BaseBackend

from adapters.persistence.staff.models import StaffUser


class StaffBackend(BaseBackend):
    """Knows staff who may come in; those who were disabled are strangers from that moment."""

    def get_user(self, user_id: UUID | str) -> StaffUser | None:
        return StaffUser.objects.filter(pk=user_id, is_active=True).first()
