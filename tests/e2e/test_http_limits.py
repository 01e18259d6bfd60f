"""What a live server refuses, sent byte by byte."""

import json
import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from pytest_django import DjangoDbBlocker

from dashtam.http_server.connection import AHEAD, FIELDS, HEAD_BYTES, URL_BYTES
from tests.e2e.server import FORM, Server, form_of, running
from tests.e2e.test_journey import CREDENTIALS
from tests.e2e.wire import Wire, get, head, upload_head
from tests.postgres import as_login, cloned_database
from tests.statements import days, ofx, statement

pytestmark = pytest.mark.slow

QUICK = {
    "HEADER_SECONDS": "3",
    "BODY_GRACE_SECONDS": "3",
    "BODY_MAX_SECONDS": "5",
    "BODY_BYTES_PER_SECOND": "1000000",
    "RATE_LIMIT_SCALE": "1000",
}
FILE_PATHS = ("/api/v1/imports", "/api/v1/imports/preview", "/api/v1/csv-profiles/detect")
LIVE = head("GET /health/live")
LARGE = 40_000_000


@pytest.fixture(scope="module")
def server(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Server]:
    """A server that waits for seconds where others wait for minutes."""
    with django_db_blocker.unblock(), cloned_database("dashtam_entrance") as name:
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        with running(as_login(url, "dashtam_app"), **QUICK) as started:
            started.enter(CREDENTIALS)
            yield started


@pytest.fixture
def wire(server: Server) -> Iterator[Wire]:
    with Wire(server.port) as connected:
        yield connected
    # Whatever was sent, the server goes on.
    assert get(server, "/health/live").status == 200


class TestHeads:
    def test_up_to_the_limit_are_read(self, wire: Wire) -> None:
        filler = HEAD_BYTES - len(head("GET /health/live", "X-Filler: "))

        answer = wire.send(head("GET /health/live", "X-Filler: " + "x" * filler)).answer()

        assert answer.status == 200

    @pytest.mark.parametrize(
        "sent",
        [
            head("GET /health/live", "X-Filler: " + "x" * HEAD_BYTES),
            b"GET /health/live HTTP/1.1\r\nX-Filler: " + b"x" * 3 * HEAD_BYTES,
            head("GET /health/live", *(f"X-{n}: x" for n in range(FIELDS))),
            b"\r\n" * HEAD_BYTES,
        ],
        ids=["long field", "without end", "many fields", "blank lines"],
    )
    def test_above_the_limit_are_refused(self, wire: Wire, sent: bytes) -> None:
        assert wire.send(sent).answer().problem == (431, "headers-too-large")
        assert wire.rest() == b""

    def test_sent_slowly_are_counted_together(self, wire: Wire) -> None:
        wire.send(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n")
        for _ in range(9):
            wire.send(b"X-Filler: " + b"x" * 2000 + b"\r\n")

        assert wire.answer().problem == (431, "headers-too-large")

    def test_with_the_most_fields_are_read(self, wire: Wire) -> None:
        fields = (f"X-{n}: x" for n in range(FIELDS - 1))

        assert wire.send(head("GET /health/live", *fields)).answer().status == 200

    def test_with_a_long_url_are_refused(self, wire: Wire) -> None:
        answer = wire.send(head("GET /" + "x" * URL_BYTES)).answer()

        assert answer.problem == (414, "url-too-long")

    def test_that_do_not_end_time_out(self, wire: Wire) -> None:
        answer = wire.send(b"GET /health/live HTTP/1.1\r\nHost: local").answer()

        assert answer.problem == (408, "request-timeout")
        assert wire.rest() == b""

    def test_that_do_not_end_after_an_answer_time_out(self, wire: Wire) -> None:
        assert wire.send(LIVE).answer().status == 200

        assert wire.send(b"GET /health").answer().problem == (408, "request-timeout")

    def test_a_silent_connection_is_closed(self, wire: Wire) -> None:
        assert wire.rest() == b""

    def test_limits_apply_per_request(self, wire: Wire) -> None:
        request = head("GET /health/live", "X-Filler: " + "x" * (HEAD_BYTES // 2))
        for _ in range(5):
            assert wire.send(request).answer().status == 200

    def test_trailers_are_not_headers(self, server: Server, wire: Wire) -> None:
        headers = ("Content-Type: application/json", "Transfer-Encoding: chunked")
        body = b"2\r\n{}\r\n0\r\nAuthorization: Bearer " + server.token.encode() + b"\r\n\r\n"

        answer = wire.send(head("PATCH /api/v1/users/me", *headers), body).answer()

        assert (answer.status, json.loads(answer.body)["type"]) == (401, "/problems/token-missing")


class TestInvalidHttp:
    @pytest.mark.parametrize(
        "sent",
        [
            b"nonsense\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
            head("GET /health/live", "Content-Length: -1"),
            head("POST /api/v1/users", "Content-Length: 0x10"),
            head("POST /api/v1/users", "Content-Length: 1", "Content-Length: 2"),
            head("POST /api/v1/users", "Content-Length: 2", "Transfer-Encoding: chunked"),
            head("POST /api/v1/users", "Content-Length: " + "9" * 5001),
            head("POST /api/v1/users", "Content-Length: " + "0" * 5000 + "2") + b"{}",
            head("GET /health/live", " folded: x"),
            b"GET /health/live HTTP/1.1\nHost: localhost\n\n",
            head("GET /health/live?a=\xff"),
            head("CONNECT localhost:80"),
        ],
    )
    def test_is_answered_with_a_problem_document(self, wire: Wire, sent: bytes) -> None:
        assert wire.send(sent).answer().problem == (400, "malformed-request")

    def test_includes_what_django_cannot_parse(self, wire: Wire) -> None:
        query = "&".join(f"a{n}=1" for n in range(1001))
        headers = "Content-Type: application/json; charset=utf-8"

        answer = wire.send(head(f"GET /api/v1/users/me?{query}", headers)).answer()

        assert answer.problem == (400, "malformed-request")

    def test_after_a_complete_request_does_not_harm_its_answer(self, wire: Wire) -> None:
        answers = wire.send(LIVE, b"\0\0\0\0").rest()

        assert answers.startswith(b"HTTP/1.1 200 ")
        assert answers.count(b"HTTP/1.1 ") == 1

    def test_pipelined_requests_are_limited(self, wire: Wire) -> None:
        answers = wire.send(LIVE * (AHEAD // 2)).answer()
        assert answers.status == 200

        answers_to_many = wire.send(LIVE * 500).rest().count(b"HTTP/1.1 200 ")

        assert answers_to_many <= 2 * AHEAD

    def test_connections_are_never_upgraded(self, wire: Wire) -> None:
        upgrade = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
        key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="

        answer = wire.send(head("GET /health/live", *upgrade, key)).answer()

        assert answer.status == 200
        assert answer.headers["connection"] == "close"

    def test_http_1_0_is_understood(self, wire: Wire) -> None:
        answer = wire.send(b"GET /health/live HTTP/1.0\r\nHost: localhost\r\n\r\n").answer()

        assert (answer.status, answer.headers["connection"]) == (200, "close")

    def test_the_server_is_not_named(self, wire: Wire) -> None:
        assert "server" not in wire.send(LIVE).answer().headers


CHUNKED = head("POST /api/v1/users", "Transfer-Encoding: chunked")
REFUSED_HEADS = {
    "long field": head("GET /health/live", "X-Filler: " + "x" * HEAD_BYTES),
    "long field without end": b"GET /health/live HTTP/1.1\r\nX: " + b"x" * 3 * HEAD_BYTES,
    "many fields": head("GET /health/live", *(f"X-{n}: x" for n in range(FIELDS))),
    "blank lines": b"\r\n" * HEAD_BYTES,
    "long url": head("GET /" + "x" * URL_BYTES),
    "long url without end": b"GET /" + b"x" * 3 * HEAD_BYTES,
    "nonsense": b"nonsense\r\n\r\n",
    "zeros": b"\0" * 3 * HEAD_BYTES,
    "a length that is none": head("GET /health/live", "Content-Length: -1"),
    "two lengths": head("POST /api/v1/users", "Content-Length: 1", "Content-Length: 2"),
    "folded": head("GET /health/live", " folded: x"),
    "a chunk that is none": CHUNKED + b"ZZ\r\n",
    "framing": CHUNKED + b"1;" + b"x" * 3 * HEAD_BYTES,
    "many small chunks": CHUNKED + b"1;xxxxxxxxxxxxxxxxxxxx\r\nx\r\n" * HEAD_BYTES,
    "too many ahead": LIVE * 500,
}


class TestAfterCompleteRequests:
    """An invalid request harms neither earlier requests nor other clients."""

    @pytest.mark.parametrize("before", [1, 3])
    @pytest.mark.parametrize("refused", REFUSED_HEADS.values(), ids=REFUSED_HEADS)
    def test_an_invalid_request_is_refused(self, wire: Wire, refused: bytes, before: int) -> None:
        wire.try_to_send_all(LIVE * before + refused)
        answers = wire.rest()

        whole = before if refused != LIVE * 500 else AHEAD + 1
        assert answers.count(b"HTTP/1.1 ") == answers.count(b"HTTP/1.1 200 ") == whole


class TestBodies:
    """No body is read for a request that is refused without it."""

    @pytest.mark.parametrize("path", FILE_PATHS)
    def test_of_unauthenticated_clients_are_not_read(self, wire: Wire, path: str) -> None:
        sent = upload_head("nonsense", LARGE, "Expect: 100-continue", path=path)

        assert wire.send(sent).answer().problem == (401, "invalid-token")
        assert wire.rest() == b""

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("POST /nothing", (404, "address-not-found")),
            ("POST /api/v1/nothing", (404, "address-not-found")),
            ("PUT /api/v1/imports", (405, "method-not-allowed")),
            ("POST /api/v1/net-worth", (405, "method-not-allowed")),
            ("POST /api/v1/sessions", (413, "body-too-large")),
            ("PATCH /api/v1/users/me", (413, "body-too-large")),
            ("POST /admin/login/", (413, "body-too-large")),
            ("POST /api/v1/imports?x=1", (422, "invalid-query")),
        ],
    )
    def test_of_refused_requests_are_not_read(
        self, server: Server, wire: Wire, line: str, expected: tuple[int, str]
    ) -> None:
        headers = ("Content-Type: application/json", f"Content-Length: {LARGE}")

        answer = wire.send(
            head(line, *headers, "Expect: 100-continue", token=server.token)
        ).answer()

        assert answer.problem == expected

    def test_are_requested_by_100_continue(self, server: Server, wire: Wire) -> None:
        form = form_of(ofx(statement(*days(2))))
        wire.send(upload_head(server.token, len(form), "Expect: 100-continue"))

        assert wire.send(form).answer().status == 201

    def test_of_a_file_that_is_too_large_are_not_read(self, server: Server, wire: Wire) -> None:
        answer = wire.send(upload_head(server.token, 60_000_000)).answer()

        assert answer.problem == (413, "file-too-large")

    def test_in_chunks_are_counted(self, server: Server, wire: Wire) -> None:
        headers = ("Content-Type: application/json", "Transfer-Encoding: chunked")
        wire.send(head("PATCH /api/v1/users/me", *headers, token=server.token))
        wire.send(b"11000\r\n", b" " * 0x11000, b"\r\n")

        assert wire.answer().problem == (413, "body-too-large")

    def test_in_chunks_are_accepted(self, server: Server, wire: Wire) -> None:
        form = form_of(ofx(statement(*days(3))))
        headers = (f"Content-Type: {FORM}", "Transfer-Encoding: chunked")
        wire.send(head("POST /api/v1/imports", *headers, token=server.token))
        for start in range(0, len(form), 700):
            piece = form[start : start + 700]
            wire.send(b"%x;extension\r\n" % len(piece), piece, b"\r\n")

        assert wire.send(b"0\r\n\r\n").answer().status == 201

    def test_are_counted_without_their_framing(self, server: Server, wire: Wire) -> None:
        headers = ("Content-Type: application/json", "Transfer-Encoding: chunked")
        wire.send(head("PATCH /api/v1/users/me", *headers, token=server.token))
        wire.send(b"1;" + b"x" * 3 * HEAD_BYTES)

        assert wire.answer().problem == (400, "malformed-request")

    def test_with_invalid_chunks_are_refused(self, server: Server, wire: Wire) -> None:
        headers = ("Content-Type: application/json", "Transfer-Encoding: chunked")
        wire.send(head("PATCH /api/v1/users/me", *headers, token=server.token))

        assert wire.send(b"zz\r\n").answer().problem == (400, "malformed-request")

    @pytest.mark.parametrize("path", ["/api/v1/imports", "/api/v1/imports/preview"])
    def test_that_stall_time_out(self, server: Server, wire: Wire, path: str) -> None:
        wire.send(upload_head(server.token, LARGE, path=path), b"x" * 3_000_000)

        assert wire.answer().problem == (408, "request-timeout")

    def test_that_are_sent_slowly_time_out(self, server: Server, wire: Wire) -> None:
        wire.send(head("POST /api/v1/sessions", "Content-Type: application/json",
                       "Content-Length: 50"), b'{"email')  # fmt: skip

        assert wire.answer().problem == (408, "request-timeout")

    def test_of_admin_forms_that_stall_time_out(self, wire: Wire) -> None:
        headers = ("Content-Type: application/x-www-form-urlencoded", "Content-Length: 50")

        answer = wire.send(head("POST /admin/login/", *headers), b"username=").answer()

        assert answer.problem == (408, "request-timeout")

    def test_of_admin_forms_are_read(self, wire: Wire) -> None:
        key = "c" * 32
        form = f"csrfmiddlewaretoken={key}&name=grace&password=wrong&code=000000".encode()
        headers = ("Content-Type: application/x-www-form-urlencoded", f"Cookie: csrftoken={key}")

        wire.send(head("POST /admin/login/", *headers, f"Content-Length: {len(form)}"), form)
        answer = wire.answer()

        assert (answer.status, answer.headers["connection"]) == (200, None)
        assert b"Wrong name, password or code." in answer.body

    def test_that_are_not_read_close_the_connection(self, server: Server, wire: Wire) -> None:
        request_head = head("GET /api/v1/accounts", "Content-Length: 5", token=server.token)

        answer = wire.send(request_head, b"hello").answer()

        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert wire.rest() == b""

    def test_that_are_read_leave_it_open(self, server: Server, wire: Wire) -> None:
        headers = ("Content-Type: application/json", "Content-Length: 2")
        for _ in range(3):
            answer = wire.send(head("POST /api/v1/sessions", *headers), b"{}").answer()
            assert (answer.status, answer.headers["connection"]) == (422, None)

    def test_a_head_request_has_none(self, server: Server, wire: Wire) -> None:
        answer = wire.send(head("HEAD /api/v1/accounts", token="nonsense")).answer("HEAD")

        assert (answer.status, answer.body) == (401, b"")
