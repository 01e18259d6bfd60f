"""Devices that users logged in from before."""

from domain.identity.entities import Session, User
from domain.identity.ports import DeviceTokens
from domain.identity.values import Device, Token
from domain.shared.ids import new_id
from domain.shared.ports import Clock

# Compared where there is no user: the work is the same.
_NOBODY = "nobody"


def recognise(devices: DeviceTokens, user: User | None, token: str, clock: Clock) -> Device | None:
    """Return the device that this user was given a token for, if it is one of theirs."""
    return devices.recognise(token, _account(user) if user else _NOBODY, clock.now())


def token_of_session(devices: DeviceTokens, session: Session, clock: Clock) -> Token:
    """Give the device of a session its token: one session is one device."""
    return devices.issue(Device(session.id), _account(session), clock.now())


def token_of_reader(devices: DeviceTokens, user: User, clock: Clock) -> Token:
    """Give whoever reads a user's letters a token, before they log in."""
    return devices.issue(Device(new_id()), _account(user), clock.now())


def _account(who: User | Session) -> str:
    """Name an account until its password changes: then no device is known any more."""
    user_id = who.user_id if isinstance(who, Session) else who.id
    return f"user {user_id} {who.security_stamp}"
