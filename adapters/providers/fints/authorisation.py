"""How a person connects a bank."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from adapters.providers.fints import steps
from adapters.providers.fints.access import Access
from adapters.providers.fints.bank import Bank
from adapters.providers.fints.client import BankClient
from adapters.providers.fints.entered import FIELDS, access_of
from adapters.providers.fints.steps import Memory
from domain.connections.providers import (
    AnswerRefused,
    AuthorisationContext,
    Field,
    Granted,
    Progress,
    ProviderTrouble,
    Step,
    TroubleKind,
)
from domain.shared.result import Failure


class FinTsAuthorisation:
    """`Authorisation` with login, PIN and a confirmation; a refused PIN is sent only once.

    To ask whether the person has confirmed belongs to the request that was confirmed, and is not
    metered again.
    """

    def __init__(self, bank: Bank, *, may_be_private: bool) -> None:
        self._bank = bank
        self._may_be_private = may_be_private

    @property
    def fields(self) -> Sequence[Field]:
        return FIELDS

    async def begin(self, given: Mapping[str, str], context: AuthorisationContext) -> Progress:
        entered = access_of(given, may_be_private=self._may_be_private)
        if isinstance(entered, Failure):
            return entered
        allowed = await context.meter()
        if isinstance(allowed, Failure):
            return allowed
        access = entered.value
        return await self._run(access, partial(steps.begin, access=access), context)

    async def answer(
        self, memory: bytes, given: Mapping[str, str], context: AuthorisationContext
    ) -> Progress:
        remembered = Memory.from_bytes(memory)
        if remembered is None:
            return Failure(AnswerRefused("Nothing was asked. Connect the bank again."))
        if remembered.stage != steps.TAN:
            allowed = await context.meter()
            if isinstance(allowed, Failure):
                return allowed
        work = partial(steps.go_on, memory=remembered, given=given)
        return await self._run(remembered.access, work, context)

    async def _run(
        self,
        access: Access,
        work: Callable[[BankClient], Step | Granted],
        context: AuthorisationContext,
    ) -> Progress:
        done = await self._bank.run(access, work, context.now)
        if not (isinstance(done, Failure) and isinstance(done.error, ProviderTrouble)):
            return done
        is_refused = done.error.kind is TroubleKind.AUTHENTICATION
        return Failure(AnswerRefused(done.error.detail)) if is_refused else done
