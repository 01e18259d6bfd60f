"""Facts that a test needs to commit something."""

from domain.identity.entities import User
from domain.identity.events import UserRegistered
from domain.shared.events import Actor
from tests.factories import just_now


def registered_as(user: User) -> UserRegistered:
    return UserRegistered(subject_id=user.id, actor=Actor.user(user.id), occurred_at=just_now())
