"""Validation errors in problem documents: the first ones, and how many there are."""

from typing import Any, TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails

#: How many errors a problem document lists.
MAX_FAULTS = 20
#: The most characters of an error's location: the name of an unknown field may be long.
MAX_PLACE = 200

Fault: TypeAlias = dict[str, str]


def summarize(error: ValidationError, place: str) -> tuple[str, list[Fault]]:
    """Return a sentence about all errors, and the first of them."""
    # Leave out the input, as it may be a secret.
    found = error.errors(include_url=False, include_input=False)
    faults = [_fault(each, place) for each in found[:MAX_FAULTS]]
    return _summary(faults, place, len(found)), faults


def named(names: list[str]) -> str:
    """Return the first of some names from a request, and how many more there are."""
    shown = ", ".join(map(shortened, names[:MAX_FAULTS]))
    more = len(names) - MAX_FAULTS
    return f"{shown}, and {more:,} more" if more > 0 else shown


def shortened(text: str) -> str:
    return text if len(text) <= MAX_PLACE else f"{text[:MAX_PLACE]}…"


def _fault(error: ErrorDetails, place: str) -> Fault:
    where = _pointer(error) if place == "pointer" else str(next(iter(error["loc"]), ""))
    code, detail = _words(error)
    return {place: shortened(where), "code": code, "detail": detail}


def _words(error: ErrorDetails) -> tuple[str, str]:
    """Return the code and the message of an error; for a secret, count characters, not items."""
    limits: dict[str, Any] = error.get("ctx", {})
    if error["type"] == "too_long" and limits.get("field_type") == "Value":
        return "string_too_long", f"String should have at most {limits['max_length']} characters"
    return error["type"], error["msg"]


def _pointer(error: ErrorDetails) -> str:
    """Return the location of an error as a JSON pointer (RFC 6901)."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in error["loc"])
    return "".join(f"/{step}" for step in steps)


def _summary(faults: list[Fault], place: str, count: int) -> str:
    where, detail = faults[0][place], faults[0]["detail"]
    sentence = f"{where}: {detail}." if where else f"{detail}."
    if count <= MAX_FAULTS:
        return sentence
    return f"{sentence} There are {count:,} errors; the first {MAX_FAULTS} are listed."
