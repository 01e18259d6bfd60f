"""What every use case works with."""

from dataclasses import dataclass

from domain.audit.ports import AuditTrail
from domain.shared.ports import Clock, UnitOfWorkFactory


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCase:
    """A use case. Decorate its methods with `audit_failures`, to record when they fail."""

    clock: Clock
    unit_of_work: UnitOfWorkFactory
    audit_trail: AuditTrail
