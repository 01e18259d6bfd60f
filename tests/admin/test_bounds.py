"""Every URL of the admin is answered without a defect."""

from collections.abc import Iterator

import pytest
from django import forms
from django.contrib.admin import options
from django.contrib.admin.views import main
from django.db.models import Model
from django.test import Client

import dashtam.admin.forms
from adapters.persistence.identity.models import UserModel
from adapters.persistence.ledger.models import TransactionModel
from adapters.persistence.staff.models import StaffUser
from dashtam.admin.bounds import MAX_FIELD, MAX_PARAMETER, MAX_PARAMETERS
from tests.admin.people import MODELS, address

#: Every parameter that Django's admin interprets.
PARAMETERS = sorted(
    {
        value
        for module in (main, options)
        for name, value in vars(module).items()
        if name.endswith(("_VAR", "_FLAG")) and isinstance(value, str)
    }
)
ODD = ("", " ", "id", "no_such", "id__in", "\0", "-1", "9" * 40, "a" * 200, "%s", "\u0301" * 99)


def odd_queries(model: type[Model]) -> Iterator[dict[str, str]]:
    """Yield each parameter with odd values, and odd look-ups of each column."""
    yield from ({name: odd} for name in PARAMETERS for odd in ODD)
    for column in model._meta.concrete_fields:
        yield from ({f"{column.attname}{how}": "x"} for how in ("", "__in", "__year__gte"))
    yield from ({name: ""} for name in ("", "__", "no__such", "pk", "pk__isnull"))


def row_of(model: type[Model]) -> Model:
    row = model._default_manager.only("pk").first()
    assert row is not None
    return row


def test_parameters_are_found() -> None:
    assert {"_to_field", "q", "o", "p", "e", "_popup"} <= set(PARAMETERS)


@pytest.mark.parametrize(
    "model",
    [
        StaffUser,
        *(pytest.param(each, marks=pytest.mark.slow) for each in (UserModel, TransactionModel)),
    ],
)
def test_no_list_parameter_causes_a_defect(staff: Client, model: type[Model]) -> None:
    staff.raise_request_exception = False

    for query in odd_queries(model):
        assert staff.get(address(model, "changelist"), query).status_code < 500, query


@pytest.mark.parametrize("page", ["change", "delete", "history"])
def test_no_row_parameter_causes_a_defect(staff: Client, page: str) -> None:
    staff.raise_request_exception = False
    path = address(TransactionModel, page, row_of(TransactionModel).pk)

    for name in PARAMETERS:
        for odd in ODD[:5]:
            assert staff.get(path, {name: odd}).status_code < 500, (name, odd)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_an_empty_column_name_selects_none(staff: Client, model: type[Model]) -> None:
    staff.raise_request_exception = False
    path = address(model, "change", row_of(model).pk)

    assert staff.get(path, {"_to_field": ""}).status_code == 200
    assert staff.get(address(model, "changelist"), {"_to_field": ""}).status_code < 400
    assert staff.post(path, {"_to_field": ""}).status_code == 403


@pytest.mark.parametrize("model", [TransactionModel, StaffUser])
def test_no_id_causes_a_defect(staff: Client, model: type[Model]) -> None:
    staff.raise_request_exception = False

    for odd in (*ODD[2:], "\ud7ff", "1" * 4_301, "_00", "a_FFb"):
        for page in ("change", "delete", "history"):
            assert staff.get(address(model, page, odd)).status_code < 500, (page, odd)


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/admin/identity/usermodel/"])
class TestParameters:
    def test_have_a_maximum_length(self, staff: Client, path: str) -> None:
        assert staff.get(path, {"q": "a" * MAX_PARAMETER}).status_code in (200, 302)
        assert staff.get(path, {"q": "a" * (MAX_PARAMETER + 1)}).status_code == 400
        assert staff.get(path, {"a" * (MAX_PARAMETER + 1): "q"}).status_code == 400

    def test_have_a_maximum_number(self, staff: Client, path: str) -> None:
        many = {f"a{number}": "1" for number in range(MAX_PARAMETERS + 1)}

        assert staff.get(path, many).status_code == 400
        assert staff.get(path, {f"{number:x}": "" for number in range(1_001)}).status_code == 400

    def test_of_forms_have_a_maximum_length(self, staff: Client, path: str) -> None:
        assert staff.post(path, {"action": "a" * (MAX_FIELD + 1)}).status_code == 400


def every_form() -> list[type[forms.Form]]:
    """Return every form of ours."""
    found = vars(dashtam.admin.forms).values()
    return [each for each in found if isinstance(each, type) and issubclass(each, forms.Form)]


@pytest.mark.parametrize("form", every_form(), ids=lambda form: form.__name__)
def test_every_field_of_a_form_has_a_limit(form: type[forms.Form]) -> None:
    open_fields = {
        name
        for name, field in form.base_fields.items()
        if isinstance(field, forms.CharField) and not 0 < (field.max_length or 0) <= MAX_FIELD
    }

    assert form.base_fields
    assert open_fields == set()


def test_every_form_is_found() -> None:
    """A form elsewhere would not be looked at."""

    def below(form: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
        for each in form.__subclasses__():
            yield each
            yield from below(each)

    ours = {each for each in below(forms.BaseForm) if each.__module__.startswith("dashtam.")}
    assert ours == {*every_form()}
