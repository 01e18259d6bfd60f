"""The client of all providers, against real servers that do what they should not."""

import asyncio
import gzip
import logging
import socket
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.providers.http import HttpClient, Reply, trouble_of
from domain.connections.providers import ProviderTrouble, TroubleKind
from domain.shared.result import Failure, Result, Success
from tests.adapters.providers.servers import Answer, answer, certificate_for, served

NOW = datetime(2026, 3, 14, 9, tzinfo=UTC)
LOOPBACK = "127.0.0.1"


def local(host: str, port: int) -> Sequence[str]:
    return [LOOPBACK]


def client(**options: float) -> HttpClient:
    made: HttpClient = HttpClient(may_be_private=True, resolver=local, **options)  # type: ignore[arg-type]
    return made


def content(result: Result[Reply, ProviderTrouble]) -> bytes:
    assert isinstance(result, Success), result
    return result.value.content


def kind(result: Result[Reply, ProviderTrouble]) -> TroubleKind:
    assert isinstance(result, Failure), result
    return result.error.kind


class TestTls:
    async def test_the_certificate_is_that_of_the_host_and_of_a_known_authority(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tls, authority = certificate_for("bank.example", tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        trusting = client()
        monkeypatch.delenv("SSL_CERT_FILE")

        async with served(answer(b"hello"), tls=tls) as server:
            at = f":{server.port}/path?query=1"
            assert content(await trusting.send("GET", f"https://bank.example{at}")) == b"hello"
            assert kind(await trusting.send("GET", f"https://other.example{at}")) is (
                TroubleKind.TRANSIENT
            )
            assert kind(await client().send("GET", f"https://bank.example{at}")) is (
                TroubleKind.TRANSIENT
            )

        assert len(server.requests) == 1
        head = server.requests[0].decode()
        assert head.startswith("GET /path?query=1 HTTP/1.1\r\n")
        assert f"\r\nHost: bank.example:{server.port}\r\n" in head
        assert "\r\nUser-Agent: Dashtam/" in head


class TestWhereItGoes:
    async def test_the_name_is_resolved_once_and_that_address_is_used(self) -> None:
        asked = list[str]()

        def changing(host: str, port: int) -> Sequence[str]:
            asked.append(host)
            return [LOOPBACK] if len(asked) == 1 else ["127.0.0.2"]

        again = answer(b"", 302, "Location: /again")
        async with served(again, answer(b"here")) as server:
            http = HttpClient(may_be_private=True, resolver=changing)
            reply = await http.send("GET", f"http://bank.example:{server.port}/")

        assert content(reply) == b"here"
        assert asked == ["bank.example"]
        assert len(server.requests) == 2

    @pytest.mark.parametrize(
        "url",
        [
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://10.0.0.1/",
            "https://192.168.0.1:8443/",
            "https://169.254.169.254/latest/meta-data",
            "https://[fd00:ec2::254]/",
            "https://[::ffff:127.0.0.1]/",
            "https://localhost/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://1.1.1.1:22/",
            "http://1.1.1.1/",
            "ftp://1.1.1.1/",
            "https://name:word@1.1.1.1/",
            "file:///etc/passwd",
            "https://",
            "1.1.1.1",
            "https://1.1.1.1/\n",
            "https://[/",
            "",
        ],
    )
    async def test_what_is_not_the_internet_is_refused(self, url: str) -> None:
        assert kind(await HttpClient().send("GET", url)) is TroubleKind.PROTOCOL

    async def test_the_metadata_service_is_refused_even_in_a_private_network(self) -> None:
        http = HttpClient(may_be_private=True)

        assert kind(await http.send("GET", "http://169.254.169.254/")) is TroubleKind.PROTOCOL

    @pytest.mark.parametrize(
        "location",
        [
            "http://169.254.169.254/latest",
            "//other.example/",
            "https://bank.example/",
            "http://bank.example:1/",
            "http://[/",
        ],
    )
    async def test_another_origin_is_not_followed(self, location: str) -> None:
        async with served(answer(b"", 302, f"Location: {location}")) as server:
            reply = await client().send("GET", f"http://bank.example:{server.port}/")

        assert kind(reply) is TroubleKind.PROTOCOL
        assert len(server.requests) == 1

    async def test_only_three_redirects_are_followed_and_none_of_a_post(self) -> None:
        async with served(answer(b"", 307, "Location: /")) as server:
            url = f"http://bank.example:{server.port}/"
            assert kind(await client().send("GET", url)) is TroubleKind.PROTOCOL
            assert len(server.requests) == 4
            assert kind(await client().send("POST", url, content=b"x")) is TroubleKind.PROTOCOL
            assert len(server.requests) == 5


class TestBounds:
    async def test_an_answer_has_a_largest_size_compressed_or_not(self) -> None:
        small, large = b"a" * 1000, b"a" * 5_000_000
        packed = "Content-Encoding: gzip"
        for sent, fits in (
            (answer(small), True),
            (answer(gzip.compress(small), 200, packed), True),
            (answer(large), False),
            (answer(gzip.compress(large), 200, packed), False),
            (answer(gzip.compress(small) + b"more", 200, packed), False),
            (answer(b"no gzip", 200, packed), False),
            (answer(gzip.compress(gzip.compress(small)), 200, f"{packed}, gzip"), False),
            (answer(small, 200, "Content-Encoding: br"), False),
        ):
            async with served(sent) as server:
                url = f"http://bank.example:{server.port}/"
                reply = await client().send("GET", url, max_bytes=1000)
            if fits:
                assert content(reply) == small
            else:
                assert kind(reply) is TroubleKind.PROTOCOL

    async def test_an_answer_that_ends_too_early_is_no_answer(self) -> None:
        packed = gzip.compress(b"hello" * 100)
        cut = answer(packed[:-12], 200, "Content-Encoding: gzip")
        for sent in (answer(b"half", length=8), cut, b"HTTP/1.1 200 OK\r\nContent-"):
            async with served(sent) as server:
                reply = await client().send("GET", f"http://bank.example:{server.port}/")
            assert kind(reply) is TroubleKind.TRANSIENT

    async def test_a_server_that_says_nothing_is_not_waited_for(self) -> None:
        async def silent(writer: asyncio.StreamWriter) -> None:
            await done.wait()

        async def trickling(writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\n")
            while not done.is_set():
                writer.write(b"X: y\r\n")
                await writer.drain()
                await asyncio.sleep(0.01)

        for patient in (silent, trickling):
            done = asyncio.Event()
            async with served(patient) as server:
                http = client(request_seconds=0.1)
                reply = await http.send("GET", f"http://bank.example:{server.port}/")
                done.set()
            assert kind(reply) is TroubleKind.TRANSIENT


class TestRetries:
    async def test_a_get_is_repeated_once_if_nothing_was_answered(self) -> None:
        async with served(_reset, answer(b"after all")) as server:
            url = f"http://bank.example:{server.port}/"
            assert content(await client().send("GET", url)) == b"after all"

        async with served(_reset) as server:
            url = f"http://bank.example:{server.port}/"
            assert kind(await client().send("GET", url)) is TroubleKind.TRANSIENT
            assert len(server.requests) == 2
            assert kind(await client().send("POST", url)) is TroubleKind.TRANSIENT
            assert len(server.requests) == 3

    async def test_nothing_else_is_repeated(self) -> None:
        for sent in (answer(b"half", length=8), answer(b"", 503), answer(b"", 429)):
            async with served(sent) as server:
                await client().send("GET", f"http://bank.example:{server.port}/")
            assert len(server.requests) == 1

    async def test_where_nobody_listens_there_is_trouble(self) -> None:
        async with served(answer()) as server:
            url = f"http://bank.example:{server.port}/"

        assert kind(await client().send("GET", url)) is TroubleKind.TRANSIENT


async def _reset(writer: asyncio.StreamWriter) -> None:
    plain: socket.socket = writer.get_extra_info("socket")
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class TestSecrecy:
    async def test_nothing_of_a_request_or_its_answer_is_repeated(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        secret = "canary"
        answers: list[Answer] = [
            answer(b"canary", 200, "Set-Cookie: canary"),
            answer(b"", 302, "Location: https://canary.example/canary"),
            answer(b"canary", length=9),
            b"HTTP/1.1 canary\r\n\r\n",
            _reset,
        ]
        for sent in answers:
            async with served(sent) as server:
                result = await client().send(
                    "POST",
                    f"http://bank.example:{server.port}/canary?canary=canary",
                    headers={"X-Key": secret},
                    content=b"canary",
                    auth=(secret, secret),
                )
            assert secret not in repr(result)
        assert secret not in caplog.text

    async def test_a_name_and_a_password_are_sent_as_such(self) -> None:
        async with served(answer()) as server:
            url = f"http://bank.example:{server.port}/"
            await client().send("GET", url, auth=("Aladdin", "open sesame"))

        # The example of RFC 7617.
        assert b"\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n" in server.requests[0]


class TestStatuses:
    @pytest.mark.parametrize(
        ("status", "expected"),
        [
            (401, TroubleKind.AUTHENTICATION),
            (402, TroubleKind.PAYMENT),
            (403, TroubleKind.CONSENT),
            (410, TroubleKind.GONE),
            (429, TroubleKind.QUOTA),
            (400, TroubleKind.PROTOCOL),
            (404, TroubleKind.PROTOCOL),
            (304, TroubleKind.PROTOCOL),
            (500, TroubleKind.TRANSIENT),
            (513, TroubleKind.TRANSIENT),
        ],
    )
    def test_a_status_is_one_kind_of_trouble(self, status: int, expected: TroubleKind) -> None:
        found = trouble_of(Reply(status, {}, b""), now=NOW)

        assert found is not None
        assert found.kind is expected
        assert found.until is None

    def test_success_is_no_trouble(self) -> None:
        assert trouble_of(Reply(204, {}, b""), now=NOW) is None

    @pytest.mark.parametrize(
        ("text", "until"),
        [
            ("120", NOW + timedelta(minutes=2)),
            ("Sat, 14 Mar 2026 10:00:00 GMT", NOW + timedelta(hours=1)),
            ("Sat, 14 Mar 2026 08:00:00 GMT", NOW),
            ("99999999999999999999", NOW + timedelta(days=1)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", NOW + timedelta(days=1)),
            ("soon", None),
            ("-5", None),
            ("", None),
        ],
    )
    def test_a_provider_says_when_to_ask_again(self, text: str, until: datetime | None) -> None:
        for status in (429, 503):
            found = trouble_of(Reply(status, {"retry-after": text}, b""), now=NOW)

            assert found is not None
            assert found.until == until
