"""Log in, and confirm later in a session who is there."""

from dataclasses import dataclass
from functools import partial

from dashtam.application.attempts import counters_of
from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.authentication import TOLD, Given, Proof, ProofError, Prover, Refusal
from dashtam.application.concurrency_limit import Turns
from dashtam.application.contention import begun_anew
from dashtam.application.identity.email_tokens import holder_of
from dashtam.application.identity.sessions import OpenedSession, recognise, token_of_session
from dashtam.application.use_case import UseCase
from domain.audit.origin import origin
from domain.identity.entities import RefreshToken, Session
from domain.identity.errors import SessionNotFound, UserNotFound
from domain.identity.ports import (
    DeviceTokens,
    RefreshTokenRepository,
    SessionRepository,
    TokenIssuer,
    UserRepository,
)
from domain.identity.values import Email, TokenKind
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import SessionId, UserId, new_id
from domain.shared.limits import GuessKey
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIn(UseCase):
    """Open a session for someone who proves who they are.

    An unknown address, a wrong password, an address that is not proved and an account that is
    closed get the same answer after the same work.
    """

    users: UserRepository
    sessions: SessionRepository
    refresh_tokens: RefreshTokenRepository
    tokens: TokenIssuer
    devices: DeviceTokens
    prover: Prover
    password_turns: Turns

    @audit_refusals("session.open", ResourceType.SESSION, told=TOLD)
    @begun_anew
    async def __call__(
        self, *, email: str, password: str, code: str | None = None, device_token: str = ""
    ) -> Result[OpenedSession, ProofError | Unavailable]:
        # Many at once would keep the database and the event loop from everything else.
        async with self.password_turns.take():
            return await self._log_in(email, password, code, device_token)

    async def _log_in(
        self, email: str, password: str, code: str | None, device_token: str
    ) -> Result[OpenedSession, ProofError | Unavailable]:
        address = Email.parse(email)
        found = (
            await holder_of(self.users, address.value)
            if isinstance(address, Success)
            else Success(None)
        )
        if isinstance(found, Failure):
            return found
        # What is no address is kept apart: names of staff are counted too, under other words.
        is_address = isinstance(address, Success)
        account = address.value.address if isinstance(address, Success) else f"no address {email}"
        device = recognise(self.devices, found.value, device_token, self.clock)
        given = Given(counters_of(account, device), password, code, can_be_right=is_address)
        return await self.prover.prove(found.value, given, self._open)

    async def _open(self, proof: Proof) -> Result[OpenedSession, Refusal | Unavailable]:
        now, user = self.clock.now(), proof.user
        access = self.tokens.issue()
        session, opened = Session.open(
            id=SessionId(new_id()),
            user_id=user.id,
            token_digest=access.digest,
            at=now,
            security_stamp=user.security_stamp,
            user_agent=origin.get().user_agent,
            ip_address=origin.get().ip_address,
        )
        refresh = self.tokens.issue(TokenKind.REFRESH)
        kept = RefreshToken.issue(session, refresh.digest, now)
        async with self.unit_of_work(owner=user.id) as uow:
            taken = await self.prover.take(proof, now)
            if isinstance(taken, Failure):
                return taken
            for added in (await self.sessions.add(session), await self.refresh_tokens.add(kept)):
                if isinstance(added, Failure):
                    return added
            await uow.commit(opened, *taken.value)
        return Success(
            OpenedSession(
                session=session,
                access_token=access,
                refresh_token=refresh,
                refresh_expires_at=kept.expires_at,
                device_token=token_of_session(self.devices, session, self.clock),
            )
        )


ProveSessionError = ProofError | SessionNotFound | UserNotFound | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveSession(UseCase):
    """Note on a session that its user proved again who they are (RFC 9470); its tokens stay."""

    users: UserRepository
    sessions: SessionRepository
    prover: Prover

    @audit_refusals("session.prove", ResourceType.SESSION, told=TOLD)
    @begun_anew
    async def __call__(
        self, *, session_id: SessionId, user_id: UserId, password: str, code: str | None = None
    ) -> Result[None, ProveSessionError]:
        async with self.unit_of_work(owner=user_id):
            found = await self.users.get(user_id)
        if isinstance(found, Failure):
            return found
        keep = partial(self._keep, session_id)
        # No stranger uses these guesses up, and who stole the session has no more of them.
        given = Given((GuessKey.of_holder(session_id),), password, code)
        return await self.prover.prove(found.value, given, keep)

    async def _keep(
        self, session_id: SessionId, proof: Proof
    ) -> Result[None, Refusal | SessionNotFound | Unavailable]:
        now, owner = self.clock.now(), proof.user.id
        async with self.unit_of_work(owner=owner) as uow:
            taken = await self.prover.take(proof, now)
            if isinstance(taken, Failure):
                return taken
            found = await self.sessions.lock(session_id, owner=owner)
            if isinstance(found, Failure):
                return found
            if not found.value.is_active(now):
                return Failure(SessionNotFound("No such session."))
            session, proved = found.value.prove(now)
            kept = await self.sessions.update(session)
            if isinstance(kept, Failure):
                return kept
            await uow.commit(proved, *taken.value)
        return Success(None)
