"""Hostile contents of requests of at most 1 MiB that are as expensive as possible."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

MEBIBYTE = 1024 * 1024
JSON = (("Content-Type", "application/json"),)
FORM = (("Content-Type", "multipart/form-data; boundary=x"),)
MARKS = "a" + "\u0301" * 20_000 + "\u0327" * 20_000 + "@example.org"
#: They decompose into combining marks without being any.
HIDDEN_MARKS = "a" + "\u0f73" * 20_000 + "\uff9e" * 20_000 + "@example.org"
TEXTS = {"marks": MARKS, "hidden marks": HIDDEN_MARKS, "text": "a" * 60_000}
NASTY = ("4@8({[<369!|1i0$5+7%2" * 4)[:72]


@dataclass(frozen=True)
class Hostile:
    """The headers and body of a request."""

    name: str
    behind: str = ""
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    length: str = ""


def everywhere() -> Iterator[Hostile]:
    """Yield contents that are hostile for any method."""
    yield Hostile("1,001 parameters", "?" + "&".join(f"a{n}=1" for n in range(1_001)))
    yield Hostile("999 parameters", "?" + "&".join(f"a{n}=1" for n in range(999)))
    yield Hostile("one parameter 400 times", "?" + "&".join(["limit=1"] * 400))
    yield Hostile("a query of 60 kB", "?cursor=" + "a" * 60_000)
    yield Hostile("a query of marks", "?as_of=" + "%CC%81%CC%A7" * 600)
    yield Hostile("a query of separators", "?" + "&;=" * 2_600)
    yield Hostile("a path of 60 kB", "/" + "a" * 60_000)
    yield Hostile("a path of slashes", "/" * 8_000)
    yield Hostile("a path that is escaped", "/" + "%F0%9F%92%A9" * 5_000)
    for name in ("Authorization", "User-Agent", "Cookie", "X-Forwarded-For", "traceparent", "Odd"):
        yield Hostile(f"{name} of 15 kB", headers=((name, "Bearer " + "1,a=;" * 3_000),))
    yield Hostile("80 headers", headers=tuple((f"X-{n}", "a" * 150) for n in range(80)))
    token = "Bearer dashtam_" + "a" * 15_000
    yield Hostile("a token of 15 kB", headers=(("Authorization", token),))
    for length in ("0" * 5_001 + "2", "9" * 30, "-1", "1e3", "٢"):
        yield Hostile(f"Content-Length {length[:8]}…", length=length, body=b"{}")


def once() -> Iterator[Hostile]:
    """Yield contents that are hostile before the request is routed."""
    yield Hostile("a header of 1 MB", headers=(("Odd", "a" * 1_000_000),))
    yield Hostile("10,000 headers", headers=tuple((f"X-{n}", "a") for n in range(10_000)))
    yield Hostile("a header's name of 1 MB", headers=(("a" * 1_000_000, "1"),))
    yield Hostile("a path of 1 MB", "/" + "a" * 1_000_000)
    yield Hostile("a query of 1 MB", "?" + "a=1&" * 250_000)


def bodies() -> Iterator[Hostile]:
    """Yield bodies that are hostile to the models that parse them."""
    for model in _models():
        for kind, text in TEXTS.items():
            # All of it, what comes past the limit of JSON, and what past those of most fields.
            for size in (len(text), 5_000, 300):
                given = {name: _filled(text[:size], field) for name, field in _fields(model)}
                body = json.dumps(given, ensure_ascii=False).encode()[:MEBIBYTE]
                yield Hostile(f"{model.__name__}, {kind}, {len(body):,} B", body=body, headers=JSON)
    nasty = {"email": "a@example", "password": NASTY, "token": NASTY, "code": NASTY}
    yield Hostile("a nasty password", body=json.dumps(nasty).encode(), headers=JSON)
    for kind, body in _shapes():
        yield Hostile(f"{kind}, {len(body):,} B", body=body, headers=JSON)
        if len(body) > 60_000:
            yield Hostile(f"{kind}, cut to 60 kB", body=body[:60_000], headers=JSON)
    yield Hostile("1 MiB that is no form", body=b"-" * MEBIBYTE, headers=FORM)
    part = b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n1\r\n'
    parts = b"".join(part % number for number in range(15_000)) + b"--x--"
    yield Hostile("15,000 parts of a form", body=parts[:MEBIBYTE], headers=FORM)


def _shapes() -> Iterator[tuple[str, bytes]]:
    """Yield JSON that is wide, deep, or unusual."""
    yield "unknown keys", json.dumps({f"k{n}": 1 for n in range(80_000)}).encode()[:MEBIBYTE]
    yield "5,000 unknown keys", json.dumps({f"k{n}": 1 for n in range(5_000)}).encode()
    yield "150,000 items", json.dumps({"scopes": ["x"] * 150_000}).encode()[:MEBIBYTE]
    yield "9,000 items", json.dumps({"scopes": ["x"] * 9_000}).encode()
    wide = {"name": "x", "profile": {"columns": {f"k{n}": 1 for n in range(4_000)}}}
    yield "4,000 columns", json.dumps(wide).encode()
    yield "deep lists", b'{"email":' + b"[" * 30_000 + b"]" * 30_000 + b"}"
    yield "deep lists of 990", b'{"email":' + b"[" * 990 + b"]" * 990 + b"}"
    yield "deep objects", b'{"a":' * 10_000 + b"1" + b"}" * 10_000
    yield "a long number", b'{"email":' + b"9" * 60_000 + b"}"
    yield "many long numbers", b'{"email":[' + b",".join([b"9" * 4_000] * 14) + b"]}"
    yield "a name twice, often", b"{" + b'"a":1,' * 10_000 + b'"a":1}'
    yield "escapes", b'{"email":"' + b"\\u0301" * 10_000 + b'"}'
    yield "1 MiB of one text", b'{"email":"' + b"a" * (MEBIBYTE - 12) + b'"}'
    yield "blanks", b" " * 60_000 + b"{}"


def _models() -> list[type[BaseModel]]:
    """Return the models of all bodies; `dashtam.urls` has imported them."""
    from dashtam.api.http import Body

    found, more = [], [Body]
    while more:
        more = [each for model in more for each in model.__subclasses__()]
        found += more
    return sorted(found, key=lambda model: model.__name__)


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    yield from ((name, field.annotation) for name, field in model.model_fields.items())


def _filled(text: str, annotation: Any) -> Any:
    """Return a value of a field's type, with the text wherever a text is possible."""
    if get_origin(annotation) in (list, dict):
        return [text] if get_origin(annotation) is list else {text: text}
    for each in get_args(annotation) if get_origin(annotation) is Union else (annotation,):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return {name: _filled(text, within) for name, within in _fields(each)}
    return text
