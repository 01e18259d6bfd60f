"""Sessions: what follows from a consent, and is stored as the credentials of a connection."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self

from adapters.statements.enable_banking import account_of
from adapters.statements.placed_json import PlacedJson
from domain.connections.providers import ReportedAccount
from domain.connections.values import Credentials

MAX_ACCOUNTS = 1_000
MAX_TEXT = 255
#: Characters of what is stored of an account, each part in JSON.
MAX_PART = 2_000
#: What is stored of an account: not the address of its holder, and not their age.
_KNOWN = (
    *("account_id", "all_account_ids", "account_servicer", "name", "details", "product"),
    *("currency", "cash_account_type", "usage", "identification_hash"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionAccount:
    """An account of a session. Its uid ends with the session; without one it cannot be read.

    The key is Enable Banking's hash of its number, which no session changes.
    """

    key: str
    uid: str = field(repr=False)
    description: Mapping[str, Any] = field(repr=False)

    def reported(self, bank: Mapping[str, str]) -> ReportedAccount:
        """Return the account as the reader of its documents names it."""
        names = (_text(self.description.get(name)) for name in ("details", "product", "name"))
        reported = ReportedAccount(key=self.key, name=next(filter(None, names), "Account"))
        account = account_of({"account": self.description, "aspsp": bank})
        if isinstance(account, str):
            return reported
        return replace(
            reported,
            number=account.number,
            institution=account.institution,
            currency=account.currency,
            kind=account.kind.value,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session at a bank (ASPSP), for a personal or a business customer."""

    session_id: str = field(repr=False)
    institution: str
    country: str
    psu_type: str
    valid_until: datetime
    accounts: Sequence[SessionAccount] = field(repr=False)

    @property
    def bank(self) -> Mapping[str, str]:
        return {"name": self.institution, "country": self.country}

    def reported(self) -> list[ReportedAccount]:
        return [each.reported(self.bank) for each in self.accounts]

    def to_credentials(self) -> Credentials:
        stored = {
            "session_id": self.session_id,
            "institution": self.institution,
            "country": self.country,
            "psu_type": self.psu_type,
            "valid_until": self.valid_until.isoformat(),
            "accounts": [[each.key, each.uid, each.description] for each in self.accounts],
        }
        return Credentials(json.dumps(stored).encode())

    @classmethod
    def from_credentials(cls, credentials: Credentials) -> Self | None:
        """Return the session that is stored, or None if these are no credentials of one."""
        try:
            stored = json.loads(credentials.secret)
            accounts = [
                SessionAccount(key=key, uid=uid, description=description)
                for key, uid, description in stored.pop("accounts")
            ]
            valid_until = datetime.fromisoformat(stored.pop("valid_until"))
            return cls(**stored, valid_until=valid_until, accounts=accounts)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


def session_of(answer: PlacedJson, *, valid_until: datetime, **bank: str) -> Session | None:
    """Return the session that an answer describes, or None if it describes none.

    It ends when the answer says, or else when the consent was to end.
    """
    session_id = _text(answer.members.get("session_id"))
    if not session_id:
        return None
    described = [item for _, item in answer.items[:MAX_ACCOUNTS] if isinstance(item, dict)]
    access = answer.members.get("access")
    stated = _time(access.get("valid_until")) if isinstance(access, dict) else None
    return Session(
        session_id=session_id,
        valid_until=min(stated or valid_until, valid_until),
        accounts=[*_accounts(described)],
        **bank,
    )


def _accounts(described: Sequence[Mapping[str, Any]]) -> Iterable[SessionAccount]:
    """Return the accounts with different keys.

    An account of several currencies has one number, and so one hash: its currency tells it apart.
    """
    hashes = [_hash(each) for each in described]
    often = Counter(hashes)
    found = dict[str, SessionAccount]()
    for key, each in zip(hashes, described, strict=True):
        if often[key] > 1:
            key = f"{key}:{_text(each.get('currency'))}"
        known = {name: each[name] for name in _KNOWN if _is_short(each.get(name))}
        uid = _text(each.get("uid"))
        if key not in found or (uid and not found[key].uid):
            found[key] = SessionAccount(key=key, uid=uid, description=known)
    return found.values()


def _is_short(value: object) -> bool:
    return value is not None and len(json.dumps(value)) <= MAX_PART


def _hash(described: Mapping[str, Any]) -> str:
    return _text(described.get("identification_hash")) or _number(described) or "account"


def _number(described: Mapping[str, Any]) -> str:
    stated = described.get("account_id")
    stated = stated if isinstance(stated, dict) else {}
    other = stated.get("other")
    other = other if isinstance(other, dict) else {}
    return _text(stated.get("iban")) or _text(other.get("identification"))


def _text(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= MAX_TEXT else ""


def _time(value: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
