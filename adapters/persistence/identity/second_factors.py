"""Second factors in PostgreSQL, whose secrets are encrypted before they are stored."""

from collections.abc import Collection
from datetime import datetime
from typing import Never

from adapters.persistence.database import in_database
from adapters.persistence.identity.models import RecoveryCodeModel, SecondFactorModel
from adapters.persistence.mapping import columns_of, entity_of
from adapters.persistence.sealing import Sealing, context_in, context_of
from domain.identity.entities import SecondFactor
from domain.identity.errors import SecondFactorNotFound
from domain.identity.values import RecoveryCode, TotpSecret
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result, Success


class SealedSecondFactorRepository(Sealing):
    """`SecondFactorRepository` on the Django ORM. Keys are read when they are needed."""

    @in_database
    def get(self, owner: UserId) -> Result[SecondFactor, SecondFactorNotFound]:
        row = SecondFactorModel.objects.filter(user_id=owner).first()
        if row is None:
            return Failure(SecondFactorNotFound())
        return Success(self._entity(row))

    @in_database
    def upsert(self, factor: SecondFactor) -> Result[None, Never]:
        rows = SecondFactorModel.objects.filter(user_id=factor.user_id)
        # The secret of an existing factor never changes.
        changed = rows.filter(id=factor.id).update(
            confirmed_at=factor.confirmed_at, last_step=factor.last_step
        )
        if not changed:
            rows.delete()
            self._add(factor)
        return Success(None)

    @in_database
    def remove(self, owner: UserId) -> Result[None, Never]:
        RecoveryCodeModel.objects.filter(user_id=owner).delete()
        SecondFactorModel.objects.filter(user_id=owner).delete()
        return Success(None)

    @in_database
    def consume_step(self, factor: SecondFactor, step: int) -> Result[bool, Never]:
        rows = SecondFactorModel.objects.filter(
            id=factor.id, user_id=factor.user_id, last_step__lt=step
        )
        return Success(rows.update(last_step=step) == 1)

    @in_database
    def replace_codes(self, owner: UserId, codes: Collection[RecoveryCode]) -> Result[None, Never]:
        RecoveryCodeModel.objects.filter(user_id=owner).delete()
        RecoveryCodeModel.objects.bulk_create(
            RecoveryCodeModel(user_id=owner, digest=code.digest) for code in codes
        )
        return Success(None)

    @in_database
    def consume_code(self, owner: UserId, code: RecoveryCode, at: datetime) -> Result[bool, Never]:
        rows = RecoveryCodeModel.objects.filter(user_id=owner, digest=code.digest, used_at=None)
        return Success(rows.update(used_at=at) == 1)

    @in_database
    def codes_left(self, owner: UserId) -> Result[int, Never]:
        return Success(RecoveryCodeModel.objects.filter(user_id=owner, used_at=None).count())

    def _add(self, factor: SecondFactor) -> None:
        keyring = self._keyring()
        context = context_in(SecondFactorModel, factor.id, factor.user_id)
        SecondFactorModel.objects.create(
            **columns_of(factor, except_for=("secret",)),
            sealed=keyring.seal(factor.secret.key, context),
            key_id=keyring.primary,
        )

    def _entity(self, row: SecondFactorModel) -> SecondFactor:
        secret = TotpSecret(self._keyring().open(bytes(row.sealed), context_of(row)))
        return entity_of(SecondFactor, row, secret=secret)
