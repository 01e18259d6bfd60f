"""An HTTP client of the API, which logs in again when its token has expired."""

import json
import re
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

BOUNDARY = "dashtam-faults"
SESSIONS = "/api/v1/sessions"
PASSWORD = "a long enough password"  # noqa: S105
#: The status of a request without any response.
NO_ANSWER = 0


class ApiClient:
    """One user of a server. `letters` is the directory of emails."""

    def __init__(self, address: str, letters: Path) -> None:
        self._address = address
        self._letters = letters
        self._token = ""
        self._credentials: dict[str, str] = {}

    def enter(self, email: str) -> None:
        """Register, confirm the email address with the token from the email, and log in."""
        self._credentials = {"email": email, "password": PASSWORD}
        self._expect(202, self.send("POST", "/api/v1/users", self._credentials))
        proof = {"token": self._mailed(), "password": PASSWORD}
        self._expect(204, self.send("PUT", "/api/v1/email-verifications", proof))
        self._expect(201, self._log_in())

    def get(self, path: str) -> tuple[int, Any]:
        return self._request("GET", path, None, "")

    def _log_in(self) -> tuple[int, Any]:
        """Log in, and store the access token, which is valid for some minutes."""
        answer = self.send("POST", SESSIONS, self._credentials)
        if answer[0] == 201:
            self._token = answer[1]["access_token"]
        return answer

    def send(self, method: str, path: str, body: dict[str, str]) -> tuple[int, Any]:
        return self._request(method, path, json.dumps(body).encode(), "application/json")

    def upload(self, content: bytes) -> tuple[int, Any]:
        head = 'Content-Disposition: form-data; name="file"; filename="fault.ofx"'
        form = f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + content
        form += f"\r\n--{BOUNDARY}--\r\n".encode()
        return self._request(
            "POST", "/api/v1/imports", form, f"multipart/form-data; boundary={BOUNDARY}"
        )

    def _request(self, method: str, path: str, body: bytes | None, kind: str) -> tuple[int, Any]:
        """Send a request; repeat it with a new token if the old one has expired."""
        answer = self._request_once(method, path, body, kind)
        if answer[0] != 401 or not self._credentials:
            return answer
        renewed = self._log_in()
        return self._request_once(method, path, body, kind) if renewed[0] == 201 else renewed

    def _request_once(
        self, method: str, path: str, body: bytes | None, kind: str
    ) -> tuple[int, Any]:
        request = urllib.request.Request(self._address + path, data=body, method=method)  # noqa: S310
        if path.startswith("/admin/"):
            # The server looks a session up only if there is a cookie.
            request.add_header("Cookie", "sessionid=" + "a" * 32)
        elif self._token and path != SESSIONS:
            request.add_header("Authorization", f"Bearer {self._token}")
        if kind:
            request.add_header("Content-Type", kind)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
                return response.status, _read(response)
        except urllib.error.HTTPError as error:
            with closing(error):
                return error.code, _read(error)
        except OSError:
            return NO_ANSWER, None

    def _expect(self, wanted: int, answer: tuple[int, Any]) -> Any:
        if answer[0] != wanted:
            raise RuntimeError(f"{answer} instead of {wanted}")
        return answer[1]

    def _mailed(self) -> str:
        for _ in range(1200):
            for letter in self._letters.iterdir():
                if found := re.search(r"dashtam_mail_\w+", letter.read_text()):
                    letter.unlink()
                    return found[0]
            time.sleep(0.05)
        raise TimeoutError("no email arrived")


def _read(response: Any) -> Any:
    body = response.read()
    return json.loads(body) if "json" in response.headers.get_content_type() else None
