"""Users for a measurement, without the slow steps of registration."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.identity.values import PasswordHash

PASSWORD = "a password for measuring"


async def add_users(*emails: str, verified: bool = True, closed: bool = False) -> None:
    """Add users with this password and a verified email address, or with a closed account."""
    from dashtam.container import container
    from domain.identity.values import Password

    password_hash = await container.ports.hasher.hash(Password.from_input(PASSWORD))
    for email in emails:
        await _add(email, password_hash, verified, closed)


async def _add(email: str, password_hash: "PasswordHash", verified: bool, closed: bool) -> None:
    from dashtam.container import container
    from domain.identity.entities import User
    from domain.identity.values import Email
    from domain.shared.ids import UserId, new_id

    now = container.ports.clock.now()
    user, registered = User.register(
        id=UserId(new_id()),
        email=Email(email),
        password_hash=password_hash,
        at=now,
    )
    proved: datetime | None = now if verified else None
    user = replace(user, verified_at=proved, erase_after=now + User.GRACE if closed else None)
    async with container.ports.unit_of_work(owner=user.id) as uow:
        await container.ports.users.add(user)
        await uow.commit(registered)
