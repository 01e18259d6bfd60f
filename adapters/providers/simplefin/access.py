"""Setup tokens and access URLs, which are all that SimpleFIN has of credentials."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit, urlunsplit

#: Neither a token nor a URL of any server is as long.
MAX_LENGTH = 4096
_GRAPHIC = re.compile(r"[!-~]+")
_URL_SAFE = str.maketrans("-_", "+/")


@dataclass(frozen=True, slots=True)
class Access:
    """An access URL, taken apart: where accounts are listed, and with which credentials."""

    root: str = field(repr=False)
    auth: tuple[str, str] = field(repr=False)
    host: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Parse an access URL, such as https://name:password@bridge.example/simplefin."""
        if len(text) > MAX_LENGTH or not _GRAPHIC.fullmatch(text):
            return None
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError:
            return None
        if not (host and parts.username and parts.password) or parts.query or parts.fragment:
            return None
        place = f"[{host}]" if ":" in host else host
        netloc = f"{place}:{port}" if port else place
        return cls(
            root=urlunsplit((parts.scheme, netloc, parts.path.rstrip("/"), "", "")),
            auth=(unquote(parts.username), unquote(parts.password)),
            host=host,
        )


def claim_url(token: str, *, may_be_private: bool) -> str | None:
    """Return the URL that a setup token is, or None if it is none."""
    text = "".join(token.split()).translate(_URL_SAFE).rstrip("=")
    if len(text) > MAX_LENGTH:
        return None
    try:
        url = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("ascii")
        parts = urlsplit(url.strip())
    except (binascii.Error, ValueError):
        return None
    schemes = ("https", "http") if may_be_private else ("https",)
    is_url = parts.scheme in schemes and parts.netloc and "@" not in parts.netloc
    return url.strip() if is_url and _GRAPHIC.fullmatch(url.strip()) else None
