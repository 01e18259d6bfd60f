"""What staff see in place of what is personal."""

import re

HIDDEN = "•••"

_CODE = re.compile(r"[a-z]+(-[a-z]+)*")


def masked_email(address: str) -> str:
    """Return what tells two addresses apart as a rule, and writes to neither: `a…@e….org`."""
    local, _, host = address.rpartition("@")
    name, _, top = host.rpartition(".")
    return f"{local[:1]}…@{name[:1]}….{top}"


def code_alone(text: str) -> str:
    """Return the code that a sentence begins with, as in `file-truncated: it ends early`."""
    code = text.partition(":")[0]
    return code if _CODE.fullmatch(code) else HIDDEN if text else ""
