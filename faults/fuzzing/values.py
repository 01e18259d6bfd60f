"""Values that often cause errors, and damaged bytes."""

import json
import random
from collections.abc import Callable
from typing import Any, Final

TEXTS: Final = (
    *("", " ", "0", "-1", "1e999", "NaN", "9" * 40, "true", "null", "\0", "a\0b", "\x7f", "\ud800"),
    *("../../etc/passwd", "%00", "%ff", "' OR 1=1 --", "{{7*7}}", "${7*7}", "<script>", "=1+1"),
    *("2026-02-30", "0000-00-00", "0001-01-01", "9999-12-31", "2026-03-14T25:00:00Z"),
    *("\u202e", "\ufeff", "ﬁ", "İ", "ß", "e" + "\u0301" * 40, "🏦" * 20, "١٢٣", "x" * 5000),
    *("EUR", "eur", "XXX", "csv", "ofx", "beancount", "confirmed", "ada@example.org", "a@b"),
    *("00000000-0000-0000-0000-000000000000", "not-a-uuid", "dashtam_access_x", "500", "50"),
)
#: Names of fields in bodies, queries and forms.
NAMES: Final = (
    *("limit", "cursor", "date_from", "date_to", "as_of", "known_at", "format", "account_id"),
    *("account", "status", "since", "currency", "email", "password", "current_password", "token"),
    *("refresh_token", "code", "name", "scopes", "expires_at", "note", "category", "decision"),
    *("outgoing_id", "incoming_id", "profile", "background", "csv_profile_id", "date_order"),
    *(
        "decimal_mark",
        "account_name",
        "charges_positive",
        "similar_accounts",
        "unknown",
        "",
        "__proto__",
        "a[b]",
    ),
)


def text(chance: random.Random) -> str:
    return chance.choice(TEXTS)


def value(chance: random.Random, depth: int = 0) -> Any:
    """Return any JSON value."""
    kind = chance.randrange(10 if depth < 3 else 6)
    if kind < 5:
        return text(chance)
    if kind == 5:
        return chance.choice([None, True, False, 0, -1, 10**30, 1.5e308, -0.0])
    if kind < 8:
        return [value(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {chance.choice(NAMES): value(chance, depth + 1) for _ in range(chance.randrange(4))}


Damage = Callable[[random.Random, bytearray, int, int], None]


def _cut(_: random.Random, content: bytearray, at: int, until: int) -> None:
    content[at:until] = b""


def _repeat(chance: random.Random, content: bytearray, at: int, until: int) -> None:
    content[at:at] = content[at:until] * chance.choice([1, 2, 50])


def _insert_text(chance: random.Random, content: bytearray, at: int, _: int) -> None:
    content[at:at] = text(chance).encode(errors="surrogatepass")


def _scramble(chance: random.Random, content: bytearray, at: int, until: int) -> None:
    content[at:until] = chance.randbytes(until - at)


def _insert_mark(chance: random.Random, content: bytearray, at: int, _: int) -> None:
    content[at:at] = chance.choice([b"\r\n", b"\n", b"\0", b":", b" ", b"\xff", b"0"])


def _truncate(_: random.Random, content: bytearray, at: int, __: int) -> None:
    del content[at:]


DAMAGES: Final[tuple[Damage, ...]] = (
    *(_cut, _repeat, _insert_text, _scramble, _insert_mark),
    _truncate,
)


def mutated(chance: random.Random, content: bytes, times: int = 3) -> bytes:
    """Return bytes of which some were changed, deleted, duplicated or inserted."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, times)):
        at = chance.randrange(len(changed) + 1)
        until = min(at + chance.randrange(1, 40), len(changed))
        chance.choice(DAMAGES)(chance, changed, at, until)
    return bytes(changed)


def body(chance: random.Random) -> bytes:
    """Return a JSON body, possibly damaged."""
    names = chance.sample(NAMES, chance.randrange(6))
    written = json.dumps({name: value(chance) for name in names}).encode()
    return mutated(chance, written) if chance.random() < 0.3 else written
