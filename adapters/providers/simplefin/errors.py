"""What a server says is wrong: with itself, with a bank, or with an account.

Version 2 has codes (`gen.`, `con.`, `act.`), and a code that is not known counts as its prefix.
Version 1 has sentences, which name a bank at best.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from domain.connections.providers import AccountProblem, TroubleKind

#: Of more errors in an answer, the others are not looked at.
MOST_ERRORS = 1000
MAX_SENTENCE = 500
_ATTENTION = re.compile(r"attention|auth|log.?in|credential|password|reconnect", re.IGNORECASE)

LOG_IN_AGAIN = AccountProblem(
    kind=TroubleKind.AUTHENTICATION,
    detail="The bank wants you to log in again. Do so with the service that reads your banks.",
)
NOT_READ = AccountProblem(
    kind=TroubleKind.TRANSIENT,
    detail="The service could not read this account at the bank. Dashtam asks again by itself.",
)
HAS_GAPS = AccountProblem(
    kind=TroubleKind.TRANSIENT,
    detail="The service lacks some of this account's data. Dashtam asks again by itself.",
)
NO_MONEY = AccountProblem(
    kind=TroubleKind.PROTOCOL,
    detail="The account is not in a currency, but in points or the like, and is not imported.",
)


class Level(Enum):
    """What an error is about."""

    SERVER = "gen"
    BANK = "con"
    ACCOUNT = "act"


_LEVELS = {"gen": Level.SERVER, "con": Level.BANK, "conn": Level.BANK, "act": Level.ACCOUNT}


@dataclass(frozen=True, slots=True)
class Stated:
    """An error as a server states it."""

    level: Level
    subcode: str = ""
    connection: str = ""
    account: str = ""

    @property
    def is_refusal(self) -> bool:
        """Whether the credentials of all of it are refused."""
        return self.level is Level.SERVER and self.subcode == "auth"

    @property
    def is_about_days(self) -> bool:
        """Whether data is answered, though not for all days, or nobody knows for which."""
        if self.level is Level.SERVER:
            return not self.is_refusal
        return self.subcode == "missingdata" or not (self.connection or self.account)

    @property
    def is_about_gaps(self) -> bool:
        """Whether anything may be missing among what is answered, on any day."""
        return self.level is not Level.SERVER and self.subcode == "missingdata"

    @property
    def problem(self) -> AccountProblem:
        if self.is_about_gaps:
            return HAS_GAPS
        return LOG_IN_AGAIN if self.subcode == "auth" else NOT_READ


def errors_of(answer: Mapping[str, Any], banks: Mapping[str, Sequence[str]]) -> list[Stated]:
    """Return the errors of an answer; `banks` are the names of those that it has, by their keys."""
    listed = answer.get("errlist")
    if isinstance(listed, list):
        return [_by_code(each) for each in listed[:MOST_ERRORS] if isinstance(each, dict)]
    sentences = answer.get("errors")
    if not isinstance(sentences, list):
        return []
    texts = [str(each)[:MAX_SENTENCE] for each in sentences[:MOST_ERRORS]]
    return [error for text in texts for error in _by_sentence(text, banks)]


def _by_code(stated: Mapping[str, Any]) -> Stated:
    prefix, _, subcode = _text(stated.get("code")).lower().partition(".")
    return Stated(
        level=_LEVELS.get(prefix, Level.SERVER),
        subcode=subcode,
        connection=_text(stated.get("conn_id")),
        account=_text(stated.get("account_id")),
    )


def _by_sentence(text: str, banks: Mapping[str, Sequence[str]]) -> list[Stated]:
    named = [key for key, names in banks.items() if any(_names(text, each) for each in names)]
    subcode = "auth" if _ATTENTION.search(text) else ""
    if not named:
        return [Stated(Level.SERVER)]
    return [Stated(Level.BANK, subcode, connection=key) for key in named]


def _names(text: str, name: str) -> bool:
    """Return whether a text names a bank, and not only a word that begins as its name does."""
    text, name = text.casefold(), name.casefold()
    at = text.find(name)
    while at >= 0:
        around = text[at - 1 : at] + text[at + len(name) : at + len(name) + 1]
        if not any(map(str.isalnum, around)):
            return True
        at = text.find(name, at + 1)
    return False


def _text(value: Any) -> str:
    """Return a text or a number without what no database stores, such as NUL."""
    text = str(value)[:MAX_SENTENCE] if isinstance(value, str | int) else ""
    return "".join(filter(str.isprintable, text))
