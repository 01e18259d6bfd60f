"""Sessions of the admin, whose keys are stored as hashes, so that reading them is no log-in."""

from hashlib import blake2b
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.utils import timezone


class SessionStore(DatabaseStore):
    """Django's, with a hash in place of each key. Keys are random: no salt is needed.

    Pages of the admin are synchronous, and so is all of it that is used.
    """

    def _get_session_from_db(self) -> Session | None:
        key = hash_of(self.session_key) if self.session_key else None
        found = Session.objects.filter(session_key=key, expire_date__gt=timezone.now()).first()
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        return super().exists(hash_of(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        row.session_key = hash_of(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            super().delete(hash_of(key))


def hash_of(session_key: str) -> str:
    """Return the stored form of a key: forty digits, the length of the column."""
    return blake2b(session_key.encode(), digest_size=20).hexdigest()
