"""What staff needs from the outside."""

from typing import Protocol

from domain.identity.values import TotpSecret
from domain.shared.errors import Unavailable
from domain.shared.ids import StaffId
from domain.shared.result import Result
from domain.staff.entities import StaffFactor, StaffMember
from domain.staff.errors import StaffNameTaken, StaffNotFound
from domain.staff.values import StaffName


class StaffRepository(Protocol):
    """Everybody on the staff, those who left too; no two share a name."""

    async def get(self, staff_id: StaffId) -> Result[StaffMember, StaffNotFound | Unavailable]: ...

    async def get_by_name(
        self, name: StaffName
    ) -> Result[StaffMember, StaffNotFound | Unavailable]: ...

    async def lock(self, staff_id: StaffId) -> Result[StaffMember, StaffNotFound | Unavailable]:
        """Return a member whom nobody else changes until this transaction ends."""

    async def add(self, member: StaffMember) -> Result[None, StaffNameTaken | Unavailable]: ...

    async def update(self, member: StaffMember) -> Result[None, StaffNotFound | Unavailable]:
        """Store the password, and whether they may log in."""


class StaffFactorRepository(Protocol):
    """The second factors of staff, at most one each; their secrets are stored encrypted."""

    async def get(self, staff_id: StaffId) -> Result[StaffFactor | None, Unavailable]: ...

    async def upsert(self, factor: StaffFactor) -> Result[bool, Unavailable]:
        """Store a factor unless a confirmed one is there; return whether it was stored."""

    async def consume_step(self, staff_id: StaffId, step: int) -> Result[bool, Unavailable]:
        """Use up the code of a time step; return whether neither it nor a later one had been."""

    async def remove(self, staff_id: StaffId) -> Result[bool, Unavailable]:
        """Delete a factor; return whether there was one."""

    async def rewrap(self) -> Result[int, Unavailable]:
        """Put all secrets under the key in use; return how many were not."""


class EnrolmentSeals(Protocol):
    """Seals the secret of an enrolment for the one session that it was shown in."""

    def seal(self, secret: TotpSecret, member: StaffMember) -> str: ...

    def open(self, sealed: str, member: StaffMember) -> TotpSecret | None:
        """Return the secret, unless it is another member's, or their password changed since."""
