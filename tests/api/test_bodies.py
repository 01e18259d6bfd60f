"""JSON bodies are read up to a limit, and long ones outside the event loop."""

import json
import threading
from io import BytesIO

import pytest
from django.core.handlers.asgi import ASGIRequest
from pydantic import BaseModel, field_validator

from dashtam.api.http import MAX_JSON_BYTES, SMALL_JSON_BYTES, Body, BodyTooLarge, read
from dashtam.api.problems import Rejected
from dashtam.api.responses import respond_in_thread


class Where(Body):
    """Records in which thread it was read."""

    text: str
    thread: int = 0

    @field_validator("text")
    @classmethod
    def _record_thread(cls, value: str) -> str:
        sizes.append(threading.get_ident())
        return value


sizes: list[int] = []


def request_with(body: bytes) -> tuple[ASGIRequest, BytesIO]:
    """Return a request without a length, like a chunked one."""
    file = BytesIO(body)
    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    return ASGIRequest(scope, file), file


async def test_a_body_without_length_is_read_up_to_the_limit() -> None:
    request, file = request_with(b'{"text": "' + b"x" * 3 * MAX_JSON_BYTES + b'"}')

    with pytest.raises(Rejected) as rejected:
        await read(request, Where)

    assert isinstance(rejected.value.error, BodyTooLarge)
    assert file.tell() == MAX_JSON_BYTES + 1


@pytest.mark.parametrize(("length", "beside"), [(5, False), (SMALL_JSON_BYTES, True)])
async def test_a_long_body_is_parsed_outside_the_event_loop(length: int, beside: bool) -> None:
    request, _ = request_with(json.dumps({"text": "x" * length}).encode())

    read_body = await read(request, Where)

    assert len(read_body.text) == length
    assert (sizes.pop() != threading.get_ident()) is beside


async def test_a_long_answer_is_rendered_outside_the_event_loop() -> None:
    class Recorded(BaseModel):
        thread: int

    def made(extra: int) -> Recorded:
        return Recorded(thread=threading.get_ident() + extra)

    response = await respond_in_thread(made, 0)

    assert json.loads(response.content)["thread"] != threading.get_ident()
    assert response.headers["Cache-Control"] == "no-store"
