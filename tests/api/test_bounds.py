"""Nothing that is sent is unbounded: every text and list has a limit, and so has every answer.

Models are found, not listed: a new one is held to it too.
"""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, SecretStr
from pydantic.json_schema import GenerateJsonSchema

import dashtam.api
from dashtam.api.faults import MAX_FAULTS, MAX_PLACE
from dashtam.api.http import MAX_ITEMS, Body, Clean, Fields, Query
from dashtam.api.identity.sessions import LogInRequest
from domain.identity.values import Email, Password, RecoveryCode, Token, TokenKind
from tests.api.client import PASSWORD, Api, Reply, problem_of
from tests.api.endpoints import ask, nobody, routes, somebody

#: The limit of a note: nothing else that is sent is longer.
MAX_TEXT = 10_000
#: Texts whose own form bounds them, and numbers that are written as texts.
BOUNDED_FORMATS = {"uuid", "date", "date-time"}
NO_SCHEMAS = {"default", "examples", "enum", "discriminator", "propertyNames"}


def models() -> list[type[Clean]]:
    """Return every model of what may be sent."""
    for module in walk_packages(dashtam.api.__path__, "dashtam.api."):
        import_module(module.name)
    found = [each for each in _below(Clean) if each.__module__.startswith("dashtam.")]
    return sorted(found, key=lambda each: each.__name__)


def _below(model: type[Clean]) -> Iterator[type[Clean]]:
    for each in model.__subclasses__():
        yield each
        yield from _below(each)


class Schema(GenerateJsonSchema):
    """Describes decimals as numbers, whatever their notation."""

    def decimal_schema(self, schema: Any) -> dict[str, Any]:
        return {"type": "number"}


def unbounded(model: type[BaseModel]) -> set[str]:
    """Return what has no limit anywhere in a model, by its place in the schema."""
    schema = model.model_json_schema(mode="validation", schema_generator=Schema)
    return {location for location, each in _parts(schema, model.__name__) if _is_open(each)}


def _parts(schema: Any, location: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema within a schema."""
    if isinstance(schema, dict):
        # A collection of named schemas is none itself.
        if not location.endswith(("/properties", "/$defs")):
            yield location, schema
        # Words about a field, and what it is when it is not given, are no schemas.
        within = {name: each for name, each in schema.items() if name not in NO_SCHEMAS}
    else:
        within = dict(enumerate(schema)) if isinstance(schema, list) else {}
    for name, each in within.items():
        yield from _parts(each, f"{location}/{name}")


def _is_open(schema: dict[str, Any]) -> bool:
    """Return whether this accepts a text or a collection of any size."""
    if {"enum", "const"} & schema.keys():
        return False
    match schema.get("type"):
        case "string":
            is_free = schema.get("format") not in BOUNDED_FORMATS
            return is_free and not 0 < schema.get("maxLength", 0) <= MAX_TEXT
        case "array":
            return not 0 < schema.get("maxItems", 0) <= MAX_ITEMS
        case "object":
            is_model = schema.get("additionalProperties") is False
            return not is_model and not 0 < schema.get("maxProperties", 0) <= MAX_ITEMS
        case None:
            # `Any` has the schema of everything: none.
            return not {"anyOf", "oneOf", "allOf", "$ref"} & schema.keys()
        case _:
            return False


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_every_text_and_list_has_a_limit(model: type[Clean]) -> None:
    assert unbounded(model) == set()


def test_models_are_found() -> None:
    names = {each.__name__ for each in models()}

    assert {"CredentialsRequest", "CsvProfileBody", "TransactionsQuery", "ImportForm"} <= names
    for kind in (Body, Query, Fields):
        assert any(issubclass(each, kind) for each in models())


def test_requests_are_read_only_by_such_models() -> None:
    """Whatever reads a request hands it to a model that is found above."""
    root = Path(dashtam.api.__file__).parent if dashtam.api.__file__ else Path()
    whole = ("request.body", "request.POST", "request.FILES", "request.GET")
    readers = (*whole, "request.read(", "body_of(request")
    found = {
        f"{path.relative_to(root)} {reader}"
        for path in root.rglob("*.py")
        for reader in readers
        if reader in path.read_text(encoding="utf-8")
    }

    taking = {"bodies.py request.read(", "http.py body_of(request", "uploads.py body_of(request"}
    # Programs of others send more parameters than SimpleFIN has: those are ignored, not refused.
    assert found == {"http.py request.GET", "sharing/simplefin.py request.GET", *taking}


class TestTheGuardItself:
    @pytest.mark.parametrize(
        "annotation",
        [
            str,
            SecretStr,
            str | None,
            SecretStr | None,
            str | int,
            list[int],
            Annotated[list[str], Field(max_length=3)],
            Annotated[list[SecretStr], Field(max_length=3)],
            dict[str, int],
            Annotated[dict[str, str], Field(max_length=3)],
            Annotated[str, Field(max_length=MAX_TEXT + 1)],
            Annotated[list[int], Field(max_length=MAX_ITEMS + 1)],
            Annotated[str, Field(pattern="^a*$")],
            tuple[int, ...],
            set[int],
            Any,
            bytes,
        ],
    )
    def test_finds_what_is_unlimited(self, annotation: Any) -> None:
        class Inner(BaseModel):
            model_config = {"extra": "forbid"}
            __annotations__ = {"field": annotation}

        class Outer(BaseModel):
            model_config = {"extra": "forbid"}
            inner: Inner

        assert unbounded(Inner)
        assert unbounded(Outer)


#: A text for each field that is known, longer than it may be, and what it may have at most.
TOO_LONG = [
    ("post", "sessions", {"email": "a" * 400, "password": PASSWORD}, "email", Email.MAX_TYPED),
    ("post", "users", {"email": "a@b.org", "password": "p" * 9_000}, "password", 4_096),
    ("post", "tokens", {"refresh_token": "t" * 20_000}, "refresh_token", 128),
    ("post", "password-resets", {"email": "\u0301" * 30_000}, "email", Email.MAX_TYPED),
]


@pytest.mark.parametrize(("method", "path", "body", "field", "most"), TOO_LONG)
async def test_a_value_that_is_too_long_is_answered_with_its_limit(
    api: Api, method: str, path: str, body: dict[str, str], field: str, most: int
) -> None:
    reply = await api.call(
        method,
        path,
        data=json.dumps(body, ensure_ascii=False),
        content_type="application/json",
    )

    assert problem_of(reply) == (422, "invalid-body")
    message = f"String should have at most {most} characters"
    assert reply.json()["errors"] == [
        {"pointer": f"/{field}", "code": "string_too_long", "detail": message}
    ]
    assert len(reply.content) < 1_000


def test_limits_leave_room_for_our_own_values() -> None:
    longest = max(len(Token.of(bytes(32), kind).text) for kind in TokenKind)

    assert longest < 128
    assert len(RecoveryCode.of(bytes(RecoveryCode.LENGTH)).text) < 64
    assert Password.MAX_LENGTH == 1024


@pytest.mark.parametrize("marks", ["\u0301", "\u0327\u0301", "\u0f73\uff9e", "\u0344"])
async def test_an_email_address_of_marks_is_invalid(api: Api, marks: str) -> None:
    email = f"a{marks * 70}@example.org"

    for path in ("email-verifications", "password-resets"):
        # An invalid email address is answered like an unknown one.
        assert (await api.post(path, {"email": email})).status_code == 202
    registered = await api.post("users", {"email": email, "password": PASSWORD})
    assert problem_of(registered) == (422, "invalid-email")
    logged_in = await api.post("sessions", {"email": email, "password": PASSWORD})
    assert problem_of(logged_in) == (401, "invalid-credentials")


def faults(reply: Reply) -> list[dict[str, str]]:
    assert problem_of(reply)[0] == 422
    found: list[dict[str, str]] = reply.json()["errors"]
    return found


class TestAProblem:
    async def test_lists_twenty_faults_and_counts_all(self, api: Api) -> None:
        reply = await api.post("sessions", {f"no-such-{number}": 1 for number in range(22)})

        assert len(faults(reply)) == MAX_FAULTS
        assert "There are 24 errors; the first 20 are listed." in reply.json()["detail"]

    async def test_lists_all_of_few_faults(self, api: Api) -> None:
        reply = await api.post("sessions", {"no-such": 1})

        assert [each["pointer"] for each in faults(reply)] == ["/email", "/password", "/no-such"]
        assert "errors" not in reply.json()["detail"]

    async def test_counts_a_flood_of_fields(self, api: Api) -> None:
        reply = await api.post("sessions", {f"{number}": 1 for number in range(4_000)})

        field_count = len(LogInRequest.model_fields)
        words = f"There are 4,000 fields; at most {field_count} are allowed"
        assert faults(reply) == [{"pointer": "", "code": "too_many_fields", "detail": words}]

    async def test_repeats_no_long_name(self, api: Api) -> None:
        reply = await api.post("sessions", {"n" * 30_000: 1, "email": "a", "password": "b"})

        (fault,) = faults(reply)
        assert len(fault["pointer"]) == MAX_PLACE + 1
        assert len(reply.content) < 1_000

    async def test_lists_one_of_a_flood_of_items(self, api: Api) -> None:
        ada = await api.enter()
        scopes = await ada.post("api-tokens", {"name": "x", "scopes": ["wrong"] * 5_000})
        columns = {"date_order": "day_first", "columns": {f"{each}": 1 for each in range(3_000)}}
        profile = await ada.post("csv-profiles", {"name": "x", "profile": columns})
        within = {"name": "x", "profile": {f"{each}": 1 for each in range(3_000)}}

        assert [each["code"] for each in faults(scopes)] == ["too_long"]
        assert [each["code"] for each in faults(profile)] == ["too_long"]
        assert [each["pointer"] for each in faults(await ada.post("csv-profiles", within))] == [
            "/profile"
        ]

    async def test_lists_twenty_parameters(self, api: Api) -> None:
        ada = await api.enter()

        few = await ada.get("accounts?" + "&".join(f"a{each}=1" for each in range(20)))
        many = await ada.get("accounts?" + "&".join(f"a{each}=1" for each in range(900)))
        twice = await ada.get("accounts?" + "&".join(f"a{each // 2}=1" for each in range(900)))

        assert len(faults(few)) == MAX_FAULTS
        assert [each["code"] for each in faults(many)] == ["too_many_fields"]
        assert problem_of(twice) == (422, "invalid-query")
        assert "and 430 more" in twice.json()["detail"]

    async def test_lists_twenty_form_fields(self, api: Api) -> None:
        ada = await api.enter()

        reply = await ada.upload(b"x", fields={f"no{each}": "1" for each in range(900)})

        assert [each["code"] for each in faults(reply)] == ["too_many_fields"]


@pytest.mark.parametrize("depth", [150, 250, 900, 990, 5_000, 30_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
async def test_json_of_any_depth_is_answered(
    api: Api, depth: int, opening: str, closing: str
) -> None:
    nested = opening * depth + "1" + closing * depth

    reply = await api.send_bytes("sessions", f'{{"email":{nested}}}'.encode()[: 60 * 1024])

    assert problem_of(reply)[0] in (400, 422)


async def test_parameters_that_django_refuses_are_a_bad_request(api: Api) -> None:
    nowhere = nobody(api, await somebody())
    many = "&".join(f"{number:x}" for number in range(1_001))

    for route, methods in routes():
        for method in methods:
            reply = await ask(api, method, route, nowhere, many)
            # Authentication is checked first.
            assert problem_of(reply)[0] in (400, 401), (method, route)
    logged_in = await ask(nowhere.api, "post", "sessions", nowhere, many)
    assert problem_of(logged_in) == (400, "malformed-request")


@pytest.mark.parametrize(
    "path", ["sessions?" + "a" * 8_300, "sessions/" + "a" * 8_300, "/admin/?q=" + "a" * 9_000]
)
async def test_a_long_url_is_refused(api: Api, path: str) -> None:
    reply = await api.get(path)

    assert problem_of(reply) == (414, "url-too-long")
    assert len(reply.content) < 1_500


@pytest.mark.parametrize("length", ["0" * 5_001 + "2", "9" * 5_001, "-1", "1e9", "\xb2"])
async def test_unusual_file_headers_are_tolerated(api: Api, length: str) -> None:
    ada = await api.enter()

    reply = await ada.call(
        "post",
        "imports",
        data=b"--x--",
        content_type="multipart/form-data; boundary=x",
        headers={"Content-Length": length},
    )

    assert problem_of(reply)[0] in (400, 413, 422)
