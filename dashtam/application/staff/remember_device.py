"""Know the browser again that somebody on the staff logged in from."""

from dataclasses import dataclass

from dashtam.application.audit.refusals import audit_refusals
from dashtam.application.staff.proof import device_account
from dashtam.application.use_case import UseCase
from domain.identity.ports import DeviceTokens
from domain.identity.values import Device, Token
from domain.shared.errors import Unavailable
from domain.shared.events import ResourceType
from domain.shared.ids import StaffId, new_id
from domain.shared.result import Failure, Result, Success
from domain.staff.errors import StaffNotFound
from domain.staff.ports import StaffRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberStaffDevice(UseCase):
    """Give a browser a token once both factors were given in it, or the password was changed.

    It keeps a few tries for whoever comes back with it, and lets nobody in.
    """

    staff: StaffRepository
    devices: DeviceTokens

    @audit_refusals("staff.remember_device", ResourceType.STAFF)
    async def __call__(self, *, staff_id: StaffId) -> Result[Token, StaffNotFound | Unavailable]:
        found = await self.staff.get(staff_id)
        if isinstance(found, Failure):
            return found
        account = device_account(found.value)
        return Success(self.devices.issue(Device(new_id()), account, self.clock.now()))
