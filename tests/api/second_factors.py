"""A second factor in the hands of its user."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyotp

from dashtam.container import container
from tests.api.client import PASSWORD, Api

WHO = {"email": "ada@example.org", "password": PASSWORD}


@dataclass(frozen=True)
class Device:
    """A program that makes one-time codes."""

    id: str
    secret: str

    def code(self, ahead: int = 0) -> str:
        """Return the code of now, or of a later step."""
        return pyotp.TOTP(self.secret).at(
            container.ports.clock.now() + timedelta(seconds=30 * ahead)
        )

    def wrong(self) -> str:
        """Return a code that is none of those near now."""
        near = {self.code(ahead) for ahead in range(-3, 4)}
        return next(text for text in (f"{n:06}" for n in range(9)) if text not in near)


async def enrolled(api: Api) -> Device:
    """Be given a secret."""
    reply = await api.call("post", "second-factors")
    assert reply.status_code == 201, reply.text
    body = reply.json()
    return Device(body["id"], body["secret"])


async def confirmed(api: Api) -> tuple[Device, list[str]]:
    """Have a second factor that log-ins ask for; the codes of now are used up with that."""
    device = await enrolled(api)
    reply = await api.put(f"second-factors/{device.id}", {"code": device.code()})
    assert reply.status_code == 200, reply.text
    codes: list[str] = reply.json()["recovery_codes"]
    return device, codes


async def listed(api: Api) -> list[Any]:
    items: list[Any] = (await api.get("second-factors")).json()["items"]
    return items
