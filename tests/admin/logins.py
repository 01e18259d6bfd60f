"""Log-ins to the admin, as a browser sends them."""

import re
import time
from base64 import b32decode

from asgiref.sync import async_to_sync
from django.test import Client

from adapters.audit.models import AuditEntryModel
from adapters.persistence.staff.models import SecondFactorModel, StaffUser
from dashtam.application.staff.manage_staff import AddStaff
from dashtam.container import container
from domain.identity.values import TotpSecret
from domain.shared.ids import StaffId
from domain.shared.result import Success
from domain.staff.entities import StaffFactor
from domain.staff.values import StaffRole
from tests.staff_fakes import code_of

#: The initial password, and the one that the member chose.
FIRST, PASSWORD = "what the colleague typed", "a long enough password"
NEW = "another long password"
LOGIN, ENROL, CHANGE = "/admin/login/", "/admin/second_factor/", "/admin/password_change/"
WRONG = "Wrong name, password or code."


def hire(role: StaffRole = StaffRole.SUPPORT, name: str = "grace") -> StaffId:
    added = async_to_sync(container.operator.use(AddStaff))(name=name, role=role, password=FIRST)
    assert isinstance(added, Success)
    return added.value.id


def code(staff_id: StaffId, ahead: int = 0) -> str:
    """Return what the program of a staff member shows now."""
    found = async_to_sync(container.staff.ports.staff_factors.get)(staff_id)
    assert isinstance(found, Success)
    return code_of(found.value, int(time.time()) // 30 + ahead)


def knock(client: Client, code_: str = "", password: str = PASSWORD, page: str = LOGIN) -> object:
    form = {"name": "grace", "password": password, "code": code_}
    response = client.post(page, form)
    return response.headers.get("Location", response.status_code)


def enrolled_secret(client: Client) -> StaffFactor:
    """Read the secret from the page that shows it once."""
    (typed,) = re.findall(r"<code>(.*?)</code>", client.get(ENROL).content.decode())
    secret = TotpSecret(b32decode(typed.replace(" ", "")))
    return StaffFactor(staff_id=StaffId(StaffUser.objects.get().pk), secret=secret)


def choice(factor: StaffFactor, **values: str) -> dict[str, str]:
    """Fill in the form of the first log-in."""
    now = code_of(factor, int(time.time()) // 30)
    return {"code": now, "new_password": PASSWORD, "repeated": PASSWORD, **values}


def enrol(client: Client) -> StaffId:
    """Log in and enrol for the first time."""
    staff_id = hire()
    assert knock(client, password=FIRST) == ENROL
    done = client.post(ENROL, choice(enrolled_secret(client)))
    assert done.headers["Location"] == "/admin/"
    return staff_id


def forget_codes() -> None:
    """Allow codes to be used again: a test cannot wait for half a minute."""
    SecondFactorModel.objects.update(last_step=0)


def actions() -> list[str]:
    return list(AuditEntryModel.objects.order_by("id").values_list("action", flat=True))
