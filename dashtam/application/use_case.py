"""What every use case works with."""

from dataclasses import dataclass

from domain.audit.ports import AuditTrail
from domain.shared.ports import Clock, UnitOfWorkFactory


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCase:
    """One thing that Dashtam does; `audit_failures` records when it comes to nothing."""

    clock: Clock
    unit_of_work: UnitOfWorkFactory
    audit_trail: AuditTrail
