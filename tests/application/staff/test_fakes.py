"""The fakes of staff's ports fulfil the same contracts as the real adapters."""

from tests.contracts.staff import StaffFactorRepositoryContract, StaffRepositoryContract


class TestStaff(StaffRepositoryContract):
    pass


class TestFactors(StaffFactorRepositoryContract):
    pass
