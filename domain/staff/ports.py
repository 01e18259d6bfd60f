"""The ports of staff."""

from typing import Protocol

from domain.identity.values import TotpSecret
from domain.shared.errors import Unavailable
from domain.shared.ids import StaffId
from domain.shared.result import Result
from domain.staff.entities import StaffFactor, StaffMember
from domain.staff.errors import StaffNameTaken, StaffNotFound
from domain.staff.values import StaffName


class StaffRepository(Protocol):
    """All members of staff, including disabled ones; no two have the same name."""

    async def get(self, staff_id: StaffId) -> Result[StaffMember, StaffNotFound | Unavailable]: ...

    async def get_by_name(
        self, name: StaffName
    ) -> Result[StaffMember, StaffNotFound | Unavailable]: ...

    async def lock(self, staff_id: StaffId) -> Result[StaffMember, StaffNotFound | Unavailable]:
        """Return a member of staff, locked until the transaction ends."""

    async def add(self, member: StaffMember) -> Result[None, StaffNameTaken | Unavailable]: ...

    async def update(self, member: StaffMember) -> Result[None, StaffNotFound | Unavailable]:
        """Store the password, and whether they may log in."""


class StaffFactorRepository(Protocol):
    """The second factors of staff, at most one each; their secrets are stored encrypted."""

    async def get(self, staff_id: StaffId) -> Result[StaffFactor | None, Unavailable]: ...

    async def upsert(self, factor: StaffFactor) -> Result[bool, Unavailable]:
        """Store a factor unless a confirmed one is there; return whether it was stored."""

    async def consume_step(self, staff_id: StaffId, step: int) -> Result[bool, Unavailable]:
        """Use up the code of a time step; return false if it or a later one was used already."""

    async def remove(self, staff_id: StaffId) -> Result[bool, Unavailable]:
        """Delete a factor; return whether there was one."""

    async def rewrap(self) -> Result[int, Unavailable]:
        """Re-encrypt all secrets with the key in use; return how many were changed."""


class EnrolmentSeals(Protocol):
    """Encrypts the secret of an enrolment for the one session in which it was shown."""

    def seal(self, secret: TotpSecret, member: StaffMember) -> str: ...

    def open(self, sealed: str, member: StaffMember) -> TotpSecret | None:
        """Decrypt the secret, unless it is another member's or the password has changed."""
