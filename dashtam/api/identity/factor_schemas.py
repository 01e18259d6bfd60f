"""Bodies of requests and responses about second factors."""

from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from dashtam.api.http import Body
from dashtam.api.texts import CodeText, PasswordText
from dashtam.application.identity.second_factors import Enrolment, WithCodesLeft
from domain.identity.values import RecoveryCode


class CodeRequest(Body):
    """A one-time code."""

    code: CodeText


class ProofRequest(Body):
    """A password, and a one-time code or a recovery code where a second factor is asked for."""

    password: PasswordText
    code: CodeText | None = None


class SecondFactorResponse(BaseModel):
    """A second factor, without its secret."""

    id: UUID
    enrolled_at: datetime
    confirmed_at: datetime | None
    recovery_codes_left: int


class SecondFactorsResponse(BaseModel):
    """All second factors of a user."""

    items: list[SecondFactorResponse]

    @classmethod
    def of(cls, listed: Sequence[WithCodesLeft]) -> "SecondFactorsResponse":
        items = [
            SecondFactorResponse(
                id=factor.id,
                enrolled_at=factor.enrolled_at,
                confirmed_at=factor.confirmed_at,
                recovery_codes_left=left,
            )
            for factor, left in listed
        ]
        return cls(items=items)


class EnrolmentResponse(BaseModel):
    """A second factor with its secret in three forms, which are shown this once."""

    id: UUID
    secret: str = Field(repr=False)
    uri: str = Field(repr=False)
    qr_code: str = Field(repr=False)

    @classmethod
    def of(cls, enrolment: Enrolment) -> "EnrolmentResponse":
        return cls(
            id=enrolment.factor.id,
            secret=b32encode(enrolment.factor.secret.key).decode(),
            uri=enrolment.uri,
            qr_code=enrolment.picture,
        )


class RecoveryCodesResponse(BaseModel):
    """Recovery codes, which are shown this once."""

    recovery_codes: list[str] = Field(repr=False)

    @classmethod
    def of(cls, codes: Sequence[RecoveryCode]) -> "RecoveryCodesResponse":
        return cls(recovery_codes=[code.text for code in codes])
