"""Everything of a person's, in all tables: found, handed out, erased."""

from adapters.persistence.belongings.due import owners_due, owners_to_sweep
from adapters.persistence.belongings.repository import DjangoPersonalDataRepository

__all__ = ["DjangoPersonalDataRepository", "owners_due", "owners_to_sweep"]
