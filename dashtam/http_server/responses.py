"""Responses without Django: problem documents as bytes, with the usual headers."""

import json
import secrets
from collections.abc import Iterable

from django.conf import settings

from dashtam.api.problems import MEDIA_TYPE, Document
from dashtam.headers import headers_of
from domain.shared.errors import DomainError

Headers = list[tuple[bytes, bytes]]


def render_problem(error: DomainError, path: str = "") -> tuple[int, Headers, bytes, str]:
    """Return status, headers and body of a problem that ends the connection, and its trace id.

    The scheme of the request is not known here; in production it is https.
    """
    trace_id = secrets.token_hex(16)
    document = Document.of(error, path, trace_id)
    body = json.dumps(document.body).encode()
    said = {"content-type": MEDIA_TYPE, "content-length": str(len(body)), "connection": "close"}
    said = headers_of(path, encrypted=settings.PRODUCTION) | document.headers | said
    said["traceparent"] = f"00-{trace_id}-{secrets.token_hex(8)}-01"
    return document.status, _encoded(said.items()), body, trace_id


def _encoded(headers: Iterable[tuple[str, str]]) -> Headers:
    return [(name.lower().encode(), words.encode()) for name, words in headers]
