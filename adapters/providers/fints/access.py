"""What is stored of an access to a bank, encrypted: who logs in, how, and to which accounts."""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from domain.connections.providers import ReportedAccount


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BankAccount:
    """An account as the bank addresses it; what it does not say is empty."""

    iban: str = ""
    bic: str = ""
    number: str = ""
    subaccount: str = ""
    bank_code: str = ""
    name: str = ""
    currency: str = ""
    kind: str = ""

    @property
    def key(self) -> str:
        """The IBAN, or else the bank code and the number, which stay the same."""
        parts = [self.bank_code, self.number, *filter(None, [self.subaccount])]
        return self.iban or "/".join(parts)

    def reported(self) -> ReportedAccount:
        """Describe it; statements name its bank by the code that an IBAN has too."""
        is_german = self.iban.startswith("DE")
        return ReportedAccount(
            key=self.key,
            name=self.name or "Account",
            number=self.iban or self.number,
            institution=self.iban[4:12] if is_german else self.bank_code,
            currency=self.currency,
            kind=self.kind,
        )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Access:
    """An access to a bank. `state` is what the bank has said of itself and of the user."""

    bank_code: str
    url: str
    login: str
    pin: str
    customer_id: str = ""
    institution: str = ""
    state: bytes = b""
    accounts: Sequence[BankAccount] = ()

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "state": b64encode(self.state).decode()}

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> Self:
        accounts = [BankAccount(**each) for each in members["accounts"]]
        return cls(**{**members, "state": b64decode(members["state"]), "accounts": accounts})

    def to_bytes(self) -> bytes:
        return json.dumps(self.to_json()).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self | None:
        """Return what was stored, or nothing if this was never an access."""
        try:
            return cls.from_json(json.loads(content))
        except (ValueError, TypeError, KeyError):
            return None
