"""Requests as bytes, which may not be valid HTTP."""

import random
from typing import Final

from faults.fuzzing.values import mutated

FIELDS: Final = (
    *("Content-Length: 5", "Content-Length: 0", "Content-Length: -1", "Content-Length: 5, 5"),
    *(
        "Content-Length: +5",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: " + "9" * 30,
    ),
    *("Transfer-Encoding: chunked", "Transfer-Encoding: gzip", "Transfer-Encoding: chunked, x"),
    *("Transfer-Encoding : chunked", "Transfer-Encoding:\tchunked", "Expect: 100-continue"),
    *("Expect: nonsense", "Host: evil.example", "Host: localhost:x", "Host:", "Cookie: a=b;;=;"),
    *("Content-Type: application/json", "Content-Type: multipart/form-data; boundary="),
    *("Content-Type: ;;;", "Authorization: Bearer \xff", "Authorization: Basic YTpi", " folded"),
    *("X: " + "x" * 20_000, "Upgrade: websocket\r\nConnection: Upgrade", "Connection: keep-alive"),
    *("Range: bytes=0-1", "X-Forwarded-For: ::1, \0", "traceparent: 00-0-0-0", "Accept: \t"),
    *("X-HTTP-Method-Override: DELETE", "Content-Encoding: gzip", "A" * 300 + ": x"),
)
BODIES: Final = (
    *(b"", b"hello", b"{}", b"5\r\nhello\r\n0\r\n\r\n", b"5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n"),
    *(b"ffffffffffffffffff\r\n", b"-1\r\nx\r\n", b"5\r\nhello", b"0\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
)
LINES: Final = (
    *(
        "GET /health/live HTTP/1.1",
        "GET /api/v1/accounts HTTP/1.1",
        "POST /api/v1/sessions HTTP/1.1",
    ),
    *(
        "POST /api/v1/imports HTTP/1.1",
        "GET / HTTP/1.0",
        "GET /static/../x HTTP/1.1",
        "GET * HTTP/1.1",
    ),
    *("OPTIONS * HTTP/1.1", "GET http://localhost/health/live HTTP/1.1", "PRI * HTTP/2.0"),
    *("GET /%00%ff%zz HTTP/1.1", "GET //evil/ HTTP/1.1", "GET /admin/login/?next=//x HTTP/1.1"),
    *("TRACE / HTTP/1.1", "GET /health/live HTTP/9.9", "GET /health/live", "get / http/1.1"),
    *("HEAD /api/v1/users/me HTTP/1.1", "CONNECT x:1 HTTP/1.1", "GET /" + "a" * 9000 + " HTTP/1.1"),
)


def raw(chance: random.Random) -> bytes:
    """Return the bytes of one or two requests, most of which ask to close the connection."""
    sent = b"".join(_request(chance) for _ in range(chance.choice([1, 1, 1, 2])))
    return mutated(chance, sent, 5) if chance.random() < 0.5 else sent


def _request(chance: random.Random) -> bytes:
    fields = chance.sample(FIELDS, chance.randrange(5))
    lines = [chance.choice(LINES), "Host: localhost", *fields, "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin1") + chance.choice(BODIES)
