"""A setup token is exchanged for an access URL, once."""

from collections.abc import Mapping, Sequence

from adapters.providers.http import Client, Reply, trouble_of
from adapters.providers.simplefin.access import MAX_LENGTH, Access, claim_url
from adapters.providers.troubles import trouble
from domain.connections.providers import (
    AnswerRefused,
    AuthorisationContext,
    Field,
    Granted,
    Progress,
    TroubleKind,
)
from domain.connections.values import Credentials
from domain.shared.result import Failure, Success

_FIELDS = (Field(name="setup_token", label="Setup token", is_secret=True),)
_NO_TOKEN = AnswerRefused(
    "This is no setup token of SimpleFIN. Make one with the service that reads your banks, and"
    " enter all of it."
)
_NO_SERVER = AnswerRefused(
    "The setup token does not lead to a SimpleFIN server that may be asked. Nothing was sent, or"
    " nothing usable was answered."
)
_USED = AnswerRefused(
    "The server refuses this setup token: it is wrong, or it has been used already. If you have not"
    " used it, somebody else may have: disable it with the service, and make another one."
)


class SimpleFinAuthorisation:
    """`Authorisation` by a setup token. To renew it, another token is entered."""

    def __init__(self, client: Client, *, may_be_private: bool = False) -> None:
        self._client = client
        self._may_be_private = may_be_private

    @property
    def fields(self) -> Sequence[Field]:
        return _FIELDS

    async def begin(self, given: Mapping[str, str], context: AuthorisationContext) -> Progress:
        url = claim_url(given.get("setup_token", ""), may_be_private=self._may_be_private)
        if url is None:
            return Failure(_NO_TOKEN)
        counted = await context.meter()
        if isinstance(counted, Failure):
            return counted
        sent = await self._client.send("POST", url, content=b"", max_bytes=MAX_LENGTH)
        if isinstance(sent, Failure):
            is_final = sent.error.kind is TroubleKind.PROTOCOL
            return Failure(_NO_SERVER) if is_final else sent
        return self._claimed(sent.value, context)

    async def answer(
        self, memory: bytes, given: Mapping[str, str], context: AuthorisationContext
    ) -> Progress:
        return Failure(AnswerRefused("SimpleFIN asks nothing more. Begin with a setup token."))

    def _claimed(self, reply: Reply, context: AuthorisationContext) -> Progress:
        if reply.status == 403:
            return Failure(_USED)
        failed = trouble_of(reply, now=context.now)
        if failed is not None:
            is_final = failed.kind in (TroubleKind.PROTOCOL, TroubleKind.GONE)
            return Failure(_NO_SERVER if is_final else failed)
        text = reply.content.decode("ascii", errors="replace").strip()
        access = Access.parse(text)
        schemes = ("https://", "http://") if self._may_be_private else ("https://",)
        if access is None or not text.startswith(schemes):
            return Failure(trouble(TroubleKind.PROTOCOL))
        return Success(Granted(credentials=Credentials(text.encode()), institution=access.host))
