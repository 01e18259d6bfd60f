"""Strings that several requests have, and the maximum length of each."""

from typing import Annotated

from pydantic import Field, SecretStr

from domain.identity.values import Email, Password

EmailText = Annotated[str, Field(max_length=Email.MAX_TYPED)]
PasswordText = Annotated[SecretStr, Field(max_length=Password.MAX_TYPED)]
#: Ours have at most 88 characters; one that is copied from an email may have spaces.
TokenText = Annotated[SecretStr, Field(max_length=128)]
#: A one-time code has 6 characters, a recovery code 27.
CodeText = Annotated[SecretStr, Field(max_length=64)]
#: The `next_cursor` of a list.
CursorText = Annotated[str, Field(max_length=255)]
#: A date, or a date-time (RFC 3339).
AsOfText = Annotated[str, Field(max_length=64)]
FormatName = Annotated[str, Field(max_length=32)]
