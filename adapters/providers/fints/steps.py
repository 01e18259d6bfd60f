"""The steps of an authorisation: a mechanism, a medium, a log-in that is confirmed, accounts.

All of them run on a thread. What is remembered between two steps is JSON.
"""

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fints.client import NeedTANResponse

from adapters.providers.fints.access import Access, BankAccount
from adapters.providers.fints.client import BankClient
from adapters.providers.fints.connection import BankError, RefusedAnswer
from adapters.providers.fints.entered import MAX_SECRET, is_text
from adapters.providers.troubles import trouble
from domain.connections.providers import (
    Ask,
    Field,
    Granted,
    Step,
    TroubleKind,
    Wait,
)
from domain.connections.values import Credentials

MECHANISM, MEDIUM, TAN = "mechanism", "medium", "tan"
MAX_CHALLENGE = 2000
MAX_PICTURE = 512 * 1024
PICTURES = frozenset({"image/png", "image/gif", "image/jpeg"})
#: Seconds between two questions whether the user has confirmed, unless the bank says otherwise.
POLL_AFTER = 5
SHORTEST_POLL, LONGEST_POLL = 2, 60
MOST_POLLS = 100

_TAG = re.compile(r"<[^<>]{0,200}>")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Memory:
    """What is remembered of an authorisation until its next answer."""

    stage: str
    access: Access
    options: Mapping[str, str] = field(default_factory=dict)
    paused: Mapping[str, Any] = field(default_factory=dict)
    polls: int = 0

    def to_bytes(self) -> bytes:
        members = {
            "stage": self.stage,
            "access": self.access.to_json(),
            "options": dict(self.options),
            "paused": dict(self.paused),
            "polls": self.polls,
        }
        return json.dumps(members).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Memory | None":
        """Return what was remembered, or nothing if this was never a step."""
        try:
            members = json.loads(content)
            return cls(**{**members, "access": Access.from_json(members["access"])})
        except (ValueError, TypeError, KeyError):
            return None


def begin(client: BankClient, access: Access) -> Step | Granted:
    """Send login and PIN for the first time, and ask for a mechanism if there are several."""
    names = client.mechanisms()
    if len(names) > 1:
        options = {f"{name} ({number})": number for number, name in names.items()}
        memory = Memory(stage=MECHANISM, access=client.stored(access), options=options)
        return _choice("How do you want to confirm at your bank?", memory)
    return _choose_medium(client, access)


def go_on(client: BankClient, memory: Memory, given: Mapping[str, str]) -> Step | Granted:
    """Go on with what was chosen or entered."""
    if memory.stage == TAN:
        return _confirm(client, memory, given.get(TAN, "").strip())
    chosen = memory.options.get(given.get(memory.stage, ""))
    if chosen is None:
        raise RefusedAnswer("Choose one of the options.")
    if memory.stage == MECHANISM:
        client.set_tan_mechanism(chosen)
        return _choose_medium(client, memory.access)
    client.selected_tan_medium = chosen
    return _log_in(client, memory.access)


def _choose_medium(client: BankClient, access: Access) -> Step | Granted:
    names = client.media()
    if len(names) > 1:
        options = {name: name for name in names}
        memory = Memory(stage=MEDIUM, access=client.stored(access), options=options)
        return _choice("Which device do you want to confirm with?", memory)
    client.selected_tan_medium = names[0] if names else ""
    return _log_in(client, access)


def _log_in(client: BankClient, access: Access) -> Step | Granted:
    challenge = client.log_in()
    if challenge is not None:
        return _challenged(client, access, challenge)
    return _list_accounts(client, access)


def _list_accounts(client: BankClient, access: Access) -> Step | Granted:
    found = client.bank_accounts()
    if isinstance(found, NeedTANResponse):
        return _challenged(client, access, found)
    return _granted(client, access, found)


def _granted(client: BankClient, access: Access, accounts: Sequence[BankAccount]) -> Granted:
    client.close()
    stored = client.stored(access)
    complete = replace(stored, accounts=accounts)
    return Granted(
        credentials=Credentials(complete.to_bytes()),
        institution=complete.institution or complete.bank_code,
        accounts=[each.reported() for each in accounts],
    )


def _confirm(client: BankClient, memory: Memory, tan: str) -> Step | Granted:
    """Send the TAN, or ask whether the user has confirmed in the meantime."""
    challenge = client.resume(dict(memory.paused))
    if not challenge.decoupled and not is_text(tan, MAX_SECRET):
        # The dialog is left open, for another answer.
        client.pause(challenge)
        raise RefusedAnswer(f"The TAN has 1 to {MAX_SECRET} characters.")
    is_log_in = challenge.command_seg is None
    again = client.confirm(challenge, tan)
    if again is not None:
        return _challenged(client, memory.access, again, polls=memory.polls + 1)
    if is_log_in:
        return _list_accounts(client, memory.access)
    return _granted(client, memory.access, client.known_accounts())


def _challenged(
    client: BankClient, access: Access, challenge: NeedTANResponse, polls: int = 0
) -> Step:
    """Pause the dialog, and say what the user has to do."""
    limits = _Polling.of(client)
    if polls > limits.most:
        raise RefusedAnswer("It was not confirmed in time. Connect the bank again.")
    text, picture = _text_of(challenge), _picture_of(challenge)
    memory = Memory(
        stage=TAN, access=client.stored(access), paused=client.pause(challenge), polls=polls
    ).to_bytes()
    if challenge.decoupled and limits.is_automatic:
        wait = limits.next if polls else limits.first
        text = text or "Confirm in the app of your bank."
        return Wait(text=text, poll_after=wait, memory=memory)
    if challenge.decoupled:
        text = f"{text or 'Confirm in the app of your bank.'} Go on when you have."
        return Ask(text=text, fields=(), memory=memory)
    fields = (Field(name=TAN, label="TAN", is_secret=True),)
    return Ask(text=text or "Enter the TAN.", fields=fields, memory=memory, picture=picture)


@dataclass(frozen=True, slots=True)
class _Polling:
    """How often a bank may be asked whether the user has confirmed; in seconds."""

    first: int
    next: int
    most: int
    is_automatic: bool

    @classmethod
    def of(cls, client: BankClient) -> "_Polling":
        said = client.get_tan_mechanisms().get(client.get_current_tan_mechanism())
        return cls(
            first=_bounded(getattr(said, "wait_before_first_poll", None)),
            next=_bounded(getattr(said, "wait_before_next_poll", None)),
            most=min(getattr(said, "decoupled_max_poll_number", None) or MOST_POLLS, MOST_POLLS),
            is_automatic=getattr(said, "automated_polling_allowed", None) is not False,
        )


def _bounded(seconds: int | None) -> int:
    return max(SHORTEST_POLL, min(seconds or POLL_AFTER, LONGEST_POLL))


def _text_of(challenge: NeedTANResponse) -> str:
    """Return the challenge without its marks; the code of a flickering one follows it."""
    text = html.unescape(_TAG.sub(" ", str(challenge.challenge or "")))
    text = " ".join(text.split())[:MAX_CHALLENGE]
    if challenge.challenge_hhduc:
        text = f"{text} Code for the TAN generator: {challenge.challenge_hhduc}"[:MAX_CHALLENGE]
    return text.strip()


def _picture_of(challenge: NeedTANResponse) -> tuple[str, bytes] | None:
    if not challenge.challenge_matrix:
        return None
    media_type, content = challenge.challenge_matrix
    media_type = str(media_type).strip().lower()
    if media_type not in PICTURES or len(content) > MAX_PICTURE:
        raise BankError(trouble(TroubleKind.PROTOCOL, "The bank's picture cannot be shown."))
    return media_type, bytes(content)


def _choice(text: str, memory: Memory) -> Ask:
    field = Field(name=memory.stage, label=text, options=tuple(memory.options))
    return Ask(text=text, fields=(field,), memory=memory.to_bytes())
