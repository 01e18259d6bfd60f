"""The authorisation code flow of OAuth 2.1, for providers that speak it.

RFC 6749 with PKCE (RFC 7636, S256), the issuer in answers (RFC 9207), revocation (RFC 7009), and
metadata of servers (RFC 8414).
"""

import asyncio
import hmac
import json
import re
import secrets
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Self, TypeGuard
from urllib.parse import quote_plus, urlencode, urlsplit

from adapters.providers.http import HttpClient, Reply, trouble_of
from adapters.providers.troubles import trouble
from domain.connections.providers import (
    AnswerRefused,
    AuthorisationContext,
    ProviderTrouble,
    Redirect,
    TroubleKind,
)
from domain.shared.result import Failure, Result, Success

#: A person who takes longer at the bank begins again.
LONGEST_DIALOG = timedelta(minutes=30)
#: So long before its end an access token is replaced: requests with it may take a minute.
EARLY = timedelta(minutes=2)
#: Where a server does not say how long an access token is valid.
SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=3650)
MAX_BYTES = 256 * 1024
MAX_CODE, MAX_TOKEN = 4_096, 16_384
#: Refreshes whose outcome is remembered.
MAX_REMEMBERED = 1_000

# RFC 6749, appendix A: VSCHAR, and the characters that RFC 6750 allows in a header.
_CODE = re.compile(r"[\x20-\x7e]+", re.ASCII)
_TOKEN = re.compile(r"[\x21-\x7e]+", re.ASCII)
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}

_FOREIGN = "This answer belongs to another attempt to connect, or to none. Connect once more."
_NOT_FROM_BANK = "This answer does not come from the bank that was asked. Connect once more."
_DENIED = "You did not consent at the bank. Nothing was connected."
_REFUSED = "The bank did not consent. Connect once more."
_NO_CODE = "The answer of the bank is incomplete. Connect once more."
_LATE = "The answer of the bank came too late, or was used before. Connect once more."
_NOT_KNOWN = "The provider refuses the application of this server. Its operator can change that."


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisationServer:
    """Where a server is asked; `says_issuer` if its answers name it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str = ""
    says_issuer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """How a server knows Dashtam. Without a secret it is a public client.

    `parameters` are those that a server wants beside the standard ones when a person is sent there.
    """

    client_id: str
    client_secret: str = field(default="", repr=False)
    scope: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The tokens of a consent. A refresh token is used once, if the answer has another one."""

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: datetime

    def to_bytes(self) -> bytes:
        stored = (self.access_token, self.refresh_token, self.expires_at.isoformat())
        return json.dumps(stored).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        access, refresh, expires_at = json.loads(content)
        expires = datetime.fromisoformat(expires_at)
        return cls(access_token=access, refresh_token=refresh, expires_at=expires)


def authorisation_code(
    given: Mapping[str, str], *, state: str, server: AuthorisationServer | None = None
) -> Result[str, AnswerRefused]:
    """Return the code of a redirect, if it answers the request of this state.

    Nothing else of a foreign answer is looked at, not even its error.
    """
    stated = given.get("state", "").encode(errors="surrogatepass")
    if not state or not hmac.compare_digest(stated, state.encode()):
        return Failure(AnswerRefused(_FOREIGN))
    issuer = given.get("iss", "")
    if server and (issuer or server.says_issuer) and issuer != server.issuer:
        return Failure(AnswerRefused(_NOT_FROM_BANK))
    if "error" in given:
        is_denied = given["error"] == "access_denied"
        return Failure(AnswerRefused(_DENIED if is_denied else _REFUSED))
    code = given.get("code", "")
    if len(code) > MAX_CODE or not _CODE.fullmatch(code):
        return Failure(AnswerRefused(_NO_CODE))
    return Success(code)


async def discover(http: HttpClient, issuer: str) -> Result[AuthorisationServer, ProviderTrouble]:
    """Ask a server for its metadata; it may name no other issuer, and must support S256."""
    host, path = "{0.scheme}://{0.netloc}".format(urlsplit(issuer)), urlsplit(issuer).path
    places = (
        f"{host}/.well-known/oauth-authorization-server{path.rstrip('/')}",
        f"{issuer.rstrip('/')}/.well-known/openid-configuration",
    )
    found: Any = None
    for place in places:
        reply = await http.send("GET", place, max_bytes=MAX_BYTES)
        if isinstance(reply, Failure):
            return reply
        found = _object(reply.value.content) if reply.value.status == 200 else None
        if found:
            break
    server = _server(found or {})
    if server is None or server.issuer != issuer:
        return Failure(trouble(TroubleKind.PROTOCOL))
    return Success(server)


def _server(stated: Mapping[str, Any]) -> AuthorisationServer | None:
    methods = stated.get("code_challenge_methods_supported", ["S256"])
    names = ("issuer", "authorization_endpoint", "token_endpoint")
    if "S256" not in methods or not all(isinstance(stated.get(name), str) for name in names):
        return None
    # A person is never sent from a protected server to a place that is not.
    if len({urlsplit(stated[name]).scheme for name in names}) != 1:
        return None
    revocation = stated.get("revocation_endpoint")
    return AuthorisationServer(
        **{name: stated[name] for name in names},
        revocation_endpoint=revocation if isinstance(revocation, str) else "",
        says_issuer=stated.get("authorization_response_iss_parameter_supported") is True,
    )


class OAuth:
    """Leads a person through the flow at one server, and refreshes what follows from it.

    A refresh token is sent once, even if several callers refresh the same tokens at the same time
    or one after another, and even if a caller is cancelled: servers take a second use for theft and
    end the consent. Only one process at a time may refresh those of a connection.
    """

    def __init__(
        self, http: HttpClient, server: AuthorisationServer, application: Application
    ) -> None:
        self._http, self._server, self._application = http, server, application
        # By the digest of the refresh token that was sent.
        self._refreshes: OrderedDict[bytes, asyncio.Task[Result[Tokens, ProviderTrouble]]]
        self._refreshes = OrderedDict()

    def begin(self, context: AuthorisationContext) -> Redirect:
        """Send a person to the server; the verifier stays here, in the memory of this step."""
        verifier = secrets.token_urlsafe(48)
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        parameters = {
            "response_type": "code",
            "client_id": self._application.client_id,
            "redirect_uri": context.redirect_uri,
            "scope": self._application.scope,
            "state": context.state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **self._application.parameters,
        }
        endpoint = self._server.authorization_endpoint
        mark = "&" if urlsplit(endpoint).query else "?"
        query = urlencode({name: value for name, value in parameters.items() if value})
        memory = (context.state, verifier, context.redirect_uri, context.now.isoformat())
        return Redirect(url=f"{endpoint}{mark}{query}", memory=json.dumps(memory).encode())

    async def exchange(
        self, memory: bytes, given: Mapping[str, str], context: AuthorisationContext
    ) -> Result[Tokens, ProviderTrouble | AnswerRefused]:
        """Exchange the code of a redirect for tokens."""
        state, verifier, redirect_uri, begun_at = _remembered(memory)
        code = authorisation_code(given, state=state, server=self._server)
        if isinstance(code, Failure):
            return code
        if context.now - datetime.fromisoformat(begun_at) > LONGEST_DIALOG:
            return Failure(AnswerRefused(_LATE))
        proof = {"code": code.value, "redirect_uri": redirect_uri, "code_verifier": verifier}
        form = {"grant_type": "authorization_code", **proof}
        reply = await self._post(self._server.token_endpoint, form)
        if isinstance(reply, Failure):
            return reply
        if _error_of(reply.value) == "invalid_grant":
            return Failure(AnswerRefused(_LATE))
        return _tokens(reply.value, context.now)

    async def refresh(
        self, tokens: Tokens, *, now: datetime
    ) -> Result[Tokens | None, ProviderTrouble]:
        """Return new tokens, if the access token ends soon; store them before they are used."""
        if tokens.expires_at - now > EARLY:
            return Success(None)
        if not tokens.refresh_token:
            return Failure(trouble(TroubleKind.CONSENT))
        if _digest(tokens) not in self._refreshes:
            self._remember(_digest(tokens), asyncio.create_task(self._refresh(tokens, now)))
        for _ in range(MAX_REMEMBERED):
            refreshing = self._refreshes.get(_digest(tokens))
            if refreshing is None:
                break
            # A refresh goes on without its caller; what it gave may have been refreshed in turn.
            refreshed = await asyncio.shield(refreshing)
            if isinstance(refreshed, Failure):
                return refreshed
            tokens = refreshed.value
        return Success(tokens)

    async def revoke(self, tokens: Tokens) -> bool:
        """End the consent; return whether the server has agreed, if it offers that at all."""
        endpoint = self._server.revocation_endpoint
        replies = list[Result[Reply, ProviderTrouble]]()
        kinds = (("refresh_token", tokens.refresh_token), ("access_token", tokens.access_token))
        for hint, token in kinds:
            if token and endpoint:
                replies.append(
                    await self._post(endpoint, {"token": token, "token_type_hint": hint})
                )
        return bool(replies) and all(
            isinstance(reply, Success) and reply.value.status == 200 for reply in replies
        )

    def _remember(
        self, digest: bytes, task: "asyncio.Task[Result[Tokens, ProviderTrouble]]"
    ) -> None:
        self._refreshes[digest] = task
        while len(self._refreshes) > MAX_REMEMBERED:
            self._refreshes.popitem(last=False)

        def forget(ended: "asyncio.Task[Result[Tokens, ProviderTrouble]]") -> None:
            is_broken = ended.cancelled() or ended.exception() is not None
            result = None if is_broken else ended.result()
            # The same token is used again if the refresh failed, or had no other one as its result.
            if not isinstance(result, Success) or _digest(result.value) == digest:
                self._refreshes.pop(digest, None)

        task.add_done_callback(forget)

    async def _refresh(self, tokens: Tokens, now: datetime) -> Result[Tokens, ProviderTrouble]:
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
        reply = await self._post(self._server.token_endpoint, form)
        if isinstance(reply, Failure):
            return reply
        if _error_of(reply.value) == "invalid_grant":
            return Failure(trouble(TroubleKind.CONSENT))
        read = _tokens(reply.value, now)
        if isinstance(read, Success) and not read.value.refresh_token:
            # RFC 6749, section 6: without a new one, the old one is used again.
            return Success(replace(read.value, refresh_token=tokens.refresh_token))
        return read

    async def _post(self, url: str, form: Mapping[str, str]) -> Result[Reply, ProviderTrouble]:
        client_id, secret = self._application.client_id, self._application.client_secret
        sent = form if secret else {**form, "client_id": client_id}
        # RFC 6749, section 2.3.1: both are encoded as in a form before they are joined.
        auth = (quote_plus(client_id), quote_plus(secret)) if secret else None
        content = urlencode(sent).encode()
        return await self._http.send(
            "POST", url, headers=_FORM, content=content, auth=auth, max_bytes=MAX_BYTES
        )


def _remembered(memory: bytes) -> Sequence[str]:
    """Return state, verifier, address and time; without a state if that is no memory of OAuth."""
    try:
        state, verifier, redirect_uri, begun_at = json.loads(memory)
    except (ValueError, TypeError):
        return ("", "", "", "")
    return (state, verifier, redirect_uri, begun_at)


def _tokens(reply: Reply, now: datetime) -> Result[Tokens, ProviderTrouble]:
    """Return the tokens of an answer, or what is wrong with it."""
    wrong = trouble_of(reply, now=now)
    if wrong:
        is_ours = _error_of(reply) in ("invalid_client", "unauthorized_client")
        return Failure(trouble(TroubleKind.TRANSIENT, _NOT_KNOWN) if is_ours else wrong)
    stated = _object(reply.content) or {}
    access, refresh = stated.get("access_token"), stated.get("refresh_token", "")
    is_bearer = str(stated.get("token_type", "")).lower() == "bearer"
    if not is_bearer or not _is_token(access) or (refresh and not _is_token(refresh)):
        return Failure(trouble(TroubleKind.PROTOCOL))
    expires_at = now + _lifetime(stated.get("expires_in"))
    return Success(Tokens(access_token=access, refresh_token=refresh, expires_at=expires_at))


def _lifetime(stated: object) -> timedelta:
    text = str(stated)
    if not text.isascii() or not text.isdigit() or len(text) > len("999999999"):
        return SHORTEST
    return min(timedelta(seconds=int(text)), LONGEST)


def _digest(tokens: Tokens) -> bytes:
    return sha256(tokens.refresh_token.encode()).digest()


def _is_token(value: object) -> TypeGuard[str]:
    is_short = isinstance(value, str) and 0 < len(value) <= MAX_TOKEN
    return is_short and _TOKEN.fullmatch(str(value)) is not None


def _error_of(reply: Reply) -> str:
    """Return the name of the error that an answer states (RFC 6749, section 5.2)."""
    stated = (_object(reply.content) or {}).get("error") if reply.status in (400, 401) else ""
    return stated if isinstance(stated, str) else ""


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
