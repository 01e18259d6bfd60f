"""Bodies of requests about letters, and about what is changed with their help."""

from typing import Self

from pydantic import SecretStr, model_validator
from pydantic_core import PydanticCustomError

from dashtam.api.http import Body


class LetterRequest(Body):
    """The address that a letter is to go to."""

    email: str


class PasswordResetRequest(Body):
    """A token as a letter brought it, and the password that is chosen with it."""

    token: SecretStr
    password: SecretStr


class EmailProofRequest(Body):
    """A token as a letter brought it, and the password of the account, which may be chosen now."""

    token: SecretStr
    password: SecretStr


class UserChangeRequest(Body):
    """A new password, a new address, or both."""

    password: SecretStr | None = None
    email: str | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.password is None and self.email is None:
            raise PydanticCustomError("nothing", "There is nothing to change")
        return self
