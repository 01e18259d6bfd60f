"""What a person enters to connect a bank, and what of it is refused before anything is sent."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from adapters.providers.fints.access import Access
from domain.connections.providers import AnswerRefused, Field
from domain.shared.result import Failure, Result, Success

FIELDS = (
    Field(name="bank_code", label="Bank code (Bankleitzahl, 8 digits)"),
    Field(name="url", label="Address of the bank's FinTS server (https://…)"),
    Field(name="login", label="Login"),
    Field(name="pin", label="PIN", is_secret=True),
    Field(
        name="customer_id",
        label="Customer id, if the bank tells it apart from the login",
        is_optional=True,
    ),
)

MAX_URL = 300
# FinTS 3.0: an `id` has at most 30 characters, a PIN or a TAN at most 99.
MAX_ID = 30
MAX_SECRET = 99
_BANK_CODE = re.compile(r"[1-9][0-9]{7}", re.ASCII)
# The characters of FinTS are those of ISO 8859-1 that can be seen.
_TEXT = re.compile(r"[\x20-\x7e\xa1-\xff]+")


def access_of(given: Mapping[str, str], *, may_be_private: bool) -> Result[Access, AnswerRefused]:
    """Return the access that was entered, or what is wrong with it."""
    values = {field.name: given.get(field.name, "").strip() for field in FIELDS}
    # Blanks at its ends may be part of a PIN.
    values["pin"] = given.get("pin", "")
    wrong = _refusal_of(values, may_be_private)
    return Failure(AnswerRefused(wrong)) if wrong else Success(_access(**values))


def _access(bank_code: str, url: str, login: str, pin: str, customer_id: str) -> Access:
    return Access(bank_code=bank_code, url=url, login=login, pin=pin, customer_id=customer_id)


def _refusal_of(values: Mapping[str, str], may_be_private: bool) -> str:
    """Return what is wrong with the first value that is wrong, or nothing."""
    if not _BANK_CODE.fullmatch(values["bank_code"]):
        return "The bank code has eight digits."
    if not _is_address(values["url"], may_be_private):
        return "The address of the bank's server is https://…, without a login in it."
    if not is_text(values["login"], MAX_ID):
        return f"The login has 1 to {MAX_ID} characters."
    if not is_text(values["pin"], MAX_SECRET):
        return f"The PIN has 1 to {MAX_SECRET} characters."
    if values["customer_id"] and not is_text(values["customer_id"], MAX_ID):
        return f"The customer id has at most {MAX_ID} characters."
    return ""


def is_text(text: str, most: int) -> bool:
    """Return whether a bank can read a text of so many characters."""
    return len(text) <= most and _TEXT.fullmatch(text) is not None


def _is_address(url: str, may_be_private: bool) -> bool:
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    schemes = ("https", "http") if may_be_private else ("https",)
    is_plain = "@" not in parts.netloc and not parts.fragment and port != 0
    return parts.scheme in schemes and bool(parts.hostname) and is_plain
