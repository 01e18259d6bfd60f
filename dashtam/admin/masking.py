"""What staff see instead of personal data."""

import re

HIDDEN = "•••"

_CODE = re.compile(r"[a-z]+(-[a-z]+)*")


def masked_email(address: str) -> str:
    """Return enough of an email address to tell it from others, but not to use it: `a…@e….org`."""
    local, _, host = address.rpartition("@")
    name, _, top = host.rpartition(".")
    return f"{local[:1]}…@{name[:1]}….{top}"


def code_alone(text: str) -> str:
    """Return the code before a message, as in `file-truncated: it ends early`."""
    code = text.partition(":")[0]
    return code if _CODE.fullmatch(code) else HIDDEN if text else ""
