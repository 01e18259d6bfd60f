"""The fakes of staff's ports keep the same contracts as the real adapters."""

import pytest

from domain.identity.ports import PasswordHasher
from tests.contracts.identity import PasswordHasherContract
from tests.contracts.staff import StaffFactorRepositoryContract, StaffRepositoryContract
from tests.staff_fakes import AgingHasher


class TestStaff(StaffRepositoryContract):
    pass


class TestFactors(StaffFactorRepositoryContract):
    pass


class TestHasher(PasswordHasherContract):
    @pytest.fixture
    def hasher(self) -> PasswordHasher:
        return AgingHasher()
