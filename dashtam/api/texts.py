"""Texts that several requests hold, and how long each of them is at most."""

from typing import Annotated

from pydantic import Field, SecretStr

from domain.identity.values import Email, Password

EmailText = Annotated[str, Field(max_length=Email.MAX_TYPED)]
PasswordText = Annotated[SecretStr, Field(max_length=Password.MAX_TYPED)]
#: Ours have 88 characters at most; what a client cuts from a letter may hold blanks.
TokenText = Annotated[SecretStr, Field(max_length=128)]
#: A one-time code has 6 characters, a recovery code 27.
CodeText = Annotated[SecretStr, Field(max_length=64)]
#: Whatever a list gave out as `next_cursor`.
CursorText = Annotated[str, Field(max_length=255)]
#: A date, or a date-time of RFC 3339.
AsOfText = Annotated[str, Field(max_length=64)]
FormatName = Annotated[str, Field(max_length=32)]
