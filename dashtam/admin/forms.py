"""Forms to log in, enrol and change the password."""

from typing import Any

from django import forms

from domain.identity.values import Password
from domain.staff.values import MAX_TYPED_NAME


def _password(label: str, purpose: str) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": purpose})
    return forms.CharField(label=label, strip=False, max_length=Password.MAX_TYPED, widget=widget)


def _code(**options: Any) -> forms.CharField:
    attributes = {"autocomplete": "one-time-code", "inputmode": "numeric"}
    widget = forms.TextInput(attrs=attributes)
    return forms.CharField(label="Code", max_length=16, widget=widget, **options)


class LoginForm(forms.Form):
    """Name, password and code; without a second factor the code is left out."""

    name = forms.CharField(
        max_length=MAX_TYPED_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": ""}),
    )
    password = _password("Password", "current-password")
    code = _code(required=False)


class EnrolmentForm(forms.Form):
    """A code of the secret that was shown, and a new password twice."""

    code = _code()
    new_password = _password("New password", "new-password")
    repeated = _password("Repeat new password", "new-password")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("new_password") != given.get("repeated"):
            self.add_error("repeated", "The passwords do not match.")
        return given


class PasswordForm(EnrolmentForm):
    """The old password and a code, and the new password twice."""

    field_order = ["password"]
    password = _password("Password", "current-password")
