"""How an app gets access, and how its requests are authenticated."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.identity.authenticate_request import REFUSALS
from dashtam.application.use_case import UseCase
from domain.audit.origin import origin
from domain.identity.ports import TokenIssuer
from domain.shared.errors import NotFound, Unavailable
from domain.shared.events import ResourceType
from domain.shared.limits import Buckets, Charge, RateLimiter, TooManyRequests, network_of
from domain.shared.result import Failure, Result, Success
from domain.sharing.entities import ConnectedApp
from domain.sharing.errors import AccessRefused, SetupTokenRefused
from domain.sharing.ports import ConnectedAppRepository
from domain.sharing.values import AccessKey, SetupToken

ClaimError = SetupTokenRefused | TooManyRequests | Unavailable
AccessError = AccessRefused | TooManyRequests | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsRefusals(UseCase):
    """Counts what is refused by network, together with the bearer tokens that are refused."""

    rate_limiter: RateLimiter

    async def count_refusal(self) -> Result[None, TooManyRequests | Unavailable]:
        """Count a refusal, before it is recorded."""
        return await self.rate_limiter.consume(
            f"refusal {network_of(origin.get().ip_address)}", REFUSALS
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSetupToken(CountsRefusals):
    """Exchange a setup token for access, once. The access that the app had before ends."""

    connected_apps: ConnectedAppRepository
    tokens: TokenIssuer

    @audit_failures(
        "connected_app.claim", ResourceType.CONNECTED_APP, except_for=(TooManyRequests,)
    )
    async def __call__(self, *, token: str) -> Result[AccessKey, ClaimError]:
        claimed = await self._claim(token)
        if isinstance(claimed, Failure) and isinstance(claimed.error, SetupTokenRefused):
            counted = await self.count_refusal()
            return counted if isinstance(counted, Failure) else claimed
        return claimed

    @retry_on_conflict
    async def _claim(self, token: str) -> Result[AccessKey, SetupTokenRefused | Unavailable]:
        parsed = SetupToken.parse(token)
        if isinstance(parsed, Failure):
            return parsed
        found = await self.connected_apps.get_by_setup_token(parsed.value.digest)
        if isinstance(found, Failure):
            return _refused(found.error)
        return await self._exchange(parsed.value, found.value)

    async def _exchange(
        self, token: SetupToken, found: ConnectedApp
    ) -> Result[AccessKey, SetupTokenRefused | Unavailable]:
        key = AccessKey.of(found.id, self.tokens.issue().secret)
        now, owner = self.clock.now(), found.user_id
        async with self.unit_of_work(owner=owner) as uow:
            # Of several claims at once, the first one uses the token up.
            locked = await self.connected_apps.lock(found.id, owner=owner)
            if isinstance(locked, Failure):
                return _refused(locked.error)
            if not locked.value.accepts(token, now):
                return Failure(SetupTokenRefused())
            app, claimed = locked.value.claim(key.digest, now)
            updated = await self.connected_apps.update(app)
            if isinstance(updated, Failure):
                return updated
            await uow.commit(claimed)
        return Success(key)


def _refused(error: NotFound | Unavailable) -> Failure[SetupTokenRefused | Unavailable]:
    return Failure(error if isinstance(error, Unavailable) else SetupTokenRefused())


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticateApp(CountsRefusals):
    """Return the app with these credentials, and consume a token of its quota.

    Whatever is wrong with the credentials, one row is looked up by their digest. A token of each of
    these buckets of its user is consumed too; `scale` multiplies the quota.
    """

    connected_apps: ConnectedAppRepository
    accounts_per_user: int

    @audit_failures(
        "connected_app.authenticate", ResourceType.CONNECTED_APP, except_for=(TooManyRequests,)
    )
    async def __call__(
        self, *, credentials: str, buckets: Buckets = (), scale: float = 1.0
    ) -> Result[ConnectedApp, AccessError]:
        found = await self._find(credentials, Charge(buckets, self.clock.now()))
        if isinstance(found, Success):
            return await self._within_quota(found.value, scale)
        if isinstance(found.error, AccessRefused):
            counted = await self.count_refusal()
            return counted if isinstance(counted, Failure) else found
        return found

    async def _find(self, credentials: str, charge: Charge) -> Result[ConnectedApp, AccessError]:
        digest = AccessKey.digest_of(credentials)
        found = await self.connected_apps.get_by_access_key(digest, charge)
        if isinstance(found, Failure):
            error = found.error
            return Failure(AccessRefused() if isinstance(error, NotFound) else error)
        return found if found.value.is_active else Failure(AccessRefused())

    async def _within_quota(
        self, app: ConnectedApp, scale: float
    ) -> Result[ConnectedApp, AccessError]:
        quota = app.quota(self.accounts_per_user).scaled(scale)
        consumed = await self.rate_limiter.consume(f"connected app {app.id}", quota)
        return consumed if isinstance(consumed, Failure) else Success(app)
