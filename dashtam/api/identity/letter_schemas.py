"""Bodies of requests about letters, and about what is changed with their help."""

from typing import Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from dashtam.api.http import Body
from dashtam.api.texts import EmailText, PasswordText, TokenText


class LetterRequest(Body):
    """The address that a letter is to go to."""

    email: EmailText


class PasswordResetRequest(Body):
    """A token as a letter brought it, and the password that is chosen with it."""

    token: TokenText
    password: PasswordText


class EmailProofRequest(Body):
    """A token as a letter brought it, and the password of the account, which may be chosen now."""

    token: TokenText
    password: PasswordText


class UserChangeRequest(Body):
    """A new password, a new address, or both."""

    password: PasswordText | None = None
    email: EmailText | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.password is None and self.email is None:
            raise PydanticCustomError("nothing", "There is nothing to change")
        return self
