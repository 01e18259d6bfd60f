"""An HTTP client that sends any request, and reconnects if necessary."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass

SECONDS = 120


@dataclass(frozen=True, slots=True)
class Received:
    """An answer, as far as it is judged."""

    status: int
    content_type: str
    retry_after: str | None
    body: bytes
    is_head: bool

    @property
    def is_problem(self) -> bool:
        return self.content_type == "application/problem+json" and b'"trace_id"' in self.body


class Client:
    """One connection to a server, or one after the other."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)

    def close(self) -> None:
        self._connection.close()

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> Received:
        """Send a request; once more where the connection had ended meanwhile."""
        try:
            return self._send(method, path, headers, body)
        except (http.client.HTTPException, ConnectionError):
            self._connection.close()
            return self._send(method, path, headers, body)

    def _send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> Received:
        self._connection.putrequest(method, path)
        sent = {**headers, **({} if body is None else {"Content-Length": str(len(body))})}
        for name, said in sent.items():
            self._connection.putheader(name, said.encode("latin1"))
        self._connection.endheaders(body)
        with self._connection.getresponse() as response:
            content = response.read()
            kind, later = response.getheader("Content-Type", ""), response.getheader("Retry-After")
            return Received(response.status, kind, later, content, method == "HEAD")
