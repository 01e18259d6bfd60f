"""What staff needs from the outside."""

from typing import Protocol

from domain.identity.ports import PasswordHasher
from domain.identity.values import PasswordHash, TotpSecret
from domain.shared.errors import Unavailable
from domain.shared.ids import StaffId
from domain.shared.result import Result
from domain.staff.entities import SecondFactor, StaffMember
from domain.staff.errors import StaffNameTaken, StaffNotFound
from domain.staff.values import StaffName


class StaffRepository(Protocol):
    """Everybody on the staff, those who left too; no two share a name."""

    async def get(self, staff_id: StaffId) -> Result[StaffMember, StaffNotFound | Unavailable]: ...

    async def get_by_name(
        self, name: StaffName
    ) -> Result[StaffMember, StaffNotFound | Unavailable]: ...

    async def hold(self, staff_id: StaffId) -> Result[StaffMember, StaffNotFound | Unavailable]:
        """Return a member whom nobody else changes until this transaction ends."""

    async def add(self, member: StaffMember) -> Result[None, StaffNameTaken | Unavailable]: ...

    async def update(self, member: StaffMember) -> Result[None, StaffNotFound | Unavailable]:
        """Keep another password, and whether they may come in."""


class StaffFactorRepository(Protocol):
    """The second factors of staff, at most one each; their secrets are kept sealed."""

    async def get(self, staff_id: StaffId) -> Result[SecondFactor | None, Unavailable]: ...

    async def keep(self, factor: SecondFactor) -> Result[bool, Unavailable]:
        """Keep a factor; tell whether it was, rather than that a confirmed one is in its place."""

    async def use(self, staff_id: StaffId, step: int) -> Result[bool, Unavailable]:
        """Use up the code of a step; tell whether neither it nor a later one had been."""

    async def remove(self, staff_id: StaffId) -> Result[bool, Unavailable]:
        """Forget a factor; tell whether there was one."""

    async def rewrap(self) -> Result[int, Unavailable]:
        """Put all secrets under the key in use; return how many were not."""


class EnrolmentSeals(Protocol):
    """Seals the secret of an enrolment for the one session that it was shown in."""

    def seal(self, secret: TotpSecret, member: StaffMember) -> str: ...

    def open(self, sealed: str, member: StaffMember) -> TotpSecret | None:
        """Return the secret, unless it is another member's, or their password changed since."""


class StaffPasswords(PasswordHasher, Protocol):
    """A hasher that knows when a hash is weaker than those it makes today."""

    def is_outdated(self, password_hash: PasswordHash) -> bool: ...
