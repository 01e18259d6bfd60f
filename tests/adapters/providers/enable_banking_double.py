"""Enable Banking's API on this machine, written from its published reference.

It knows nothing of the code that asks it: it checks the token of each request by the public key.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from tests.adapters.providers.doubles import NOW, Answer, Request
from tests.enable_banking_answers import ACCOUNT

APPLICATION_ID = "7a2f4bd0-0000-4000-8000-0123456789ab"
HALF_A_YEAR = 180 * 24 * 60 * 60
BANKS: list[dict[str, Any]] = [
    {"name": "North Bank", "country": "FI", "maximum_consent_validity": HALF_A_YEAR},
    {"name": "North Savings Bank", "country": "FI", "maximum_consent_validity": 90 * 86_400},
    {"name": "Revolut", "country": "FI"},
]


def pem_of(key: RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


KEY = generate_private_key(65537, 2048)
PEM = pem_of(KEY)


def _refused(status: int, error: str) -> Answer:
    return Answer({"code": status, "message": "Secret canary", "error": error}, status)


def _unpacked(part: str) -> Any:
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@dataclass
class EnableBankingDouble:
    """The API with one session; what banks answer is what a test says.

    `transactions` are those of each uid, in pages of `page_size`, and `history` is how many days
    back the bank gives them. The next answers to a path may be replaced by `troubles`.
    """

    now: datetime = NOW
    accounts: Sequence[Mapping[str, Any]] = ({**ACCOUNT, "uid": "uid-1"},)
    transactions: dict[str, list[Any]] = field(default_factory=dict)
    balances: dict[str, list[Any]] = field(default_factory=dict)
    page_size: int = 100
    history: int = 10_000
    troubles: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    #: The authorisations that were begun, by their state, and the codes that were given out.
    begun: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, datetime] = field(default_factory=dict)

    def __call__(self, request: Request) -> Answer:
        self.requests.append(request)
        wrong = self._token_problem(request.headers.get("authorization", ""))
        if wrong:
            return _refused(401, wrong)
        if self.troubles.get(request.path):
            return self.troubles[request.path].pop(0)
        name = f"_{request.method.lower()}_{request.path.strip('/').split('/')[0]}"
        answer = getattr(self, name, None)
        return answer(request) if answer else _refused(404, "NOT_FOUND")

    def consent(self, url: str) -> dict[str, str]:
        """Have the person consent at the bank; return what the redirect back says."""
        state = dict(parse_qsl(urlsplit(url).query))["state"]
        code = f"code-{len(self.codes) + 1}"
        self.codes[code] = state
        return {"state": state, "code": code}

    def paths(self) -> list[str]:
        return [f"{each.method} {each.path}" for each in self.requests]

    def _token_problem(self, header: str) -> str:
        """Return what is wrong with a token (RFC 7515, RFC 7519, RFC 7518 for RS256)."""
        kind, _, token = header.partition(" ")
        parts = token.split(".")
        if kind != "Bearer" or len(parts) != 3:
            return "NO_TOKEN"
        signature = urlsafe_b64decode(parts[2] + "=" * (-len(parts[2]) % 4))
        try:
            KEY.public_key().verify(
                signature, token.rpartition(".")[0].encode(), PKCS1v15(), SHA256()
            )
        except InvalidSignature:
            return "WRONG_SIGNATURE"
        head, claims = _unpacked(parts[0]), _unpacked(parts[1])
        issued, expires = (datetime.fromtimestamp(claims[n], UTC) for n in ("iat", "exp"))
        rules = {
            "WRONG_HEAD": head == {"typ": "JWT", "alg": "RS256", "kid": APPLICATION_ID},
            "WRONG_ISSUER": claims["iss"] == "enablebanking.com",
            "WRONG_AUDIENCE": claims["aud"] == "api.enablebanking.com",
            "WRONG_TIMES": issued <= self.now < expires <= issued + timedelta(hours=1),
        }
        return next((wrong for wrong, is_right in rules.items() if not is_right), "")

    def _get_aspsps(self, request: Request) -> Answer:
        return Answer({"aspsps": [b for b in BANKS if b["country"] == request.query["country"]]})

    def _post_auth(self, request: Request) -> Answer:
        body = json.loads(request.content)
        bank = next(each for each in BANKS if each["name"] == body["aspsp"]["name"])
        longest = timedelta(seconds=int(str(bank.get("maximum_consent_validity", HALF_A_YEAR))))
        if datetime.fromisoformat(body["access"]["valid_until"]) >= self.now + longest:
            return _refused(422, "WRONG_REQUEST_PARAMETERS")
        self.begun[body["state"]] = body
        address = f"http://{request.headers['host']}"
        return Answer({"url": f"{address}/welcome?state={body['state']}", "authorization_id": "a"})

    def _post_sessions(self, request: Request) -> Answer:
        state = self.codes.pop(json.loads(request.content)["code"], None)
        if state is None:
            return _refused(422, "EXPIRED_AUTHORIZATION_CODE")
        body = self.begun[state]
        session_id = f"session-{len(self.sessions) + 1}"
        valid_until = body["access"]["valid_until"]
        self.sessions[session_id] = datetime.fromisoformat(valid_until)
        return Answer(
            {
                "session_id": session_id,
                "accounts": self.accounts,
                "aspsp": body["aspsp"],
                "psu_type": body["psu_type"],
                "access": {"valid_until": valid_until},
            }
        )

    def _delete_sessions(self, request: Request) -> Answer:
        del self.sessions[request.path.split("/")[-1]]
        return Answer({"message": "OK"})

    def _get_accounts(self, request: Request) -> Answer:
        if not any(until > self.now for until in self.sessions.values()):
            return _refused(401, "EXPIRED_SESSION")
        _, _, uid, kind = request.path.split("/")
        if kind == "balances":
            return Answer({"balances": self.balances.get(uid, [])})
        first = date.fromisoformat(request.query["date_from"])
        if (self.now.date() - first).days > self.history:
            return _refused(422, "WRONG_TRANSACTIONS_PERIOD")
        last = request.query.get("date_to", "9999-12-31")
        some = [
            each
            for each in self.transactions.get(uid, [])
            if first.isoformat() <= (each.get("booking_date") or last) <= last
        ]
        at = int(request.query.get("continuation_key", "0"))
        following = at + self.page_size
        more = str(following) if following < len(some) else None
        return Answer({"transactions": some[at:following], "continuation_key": more})
