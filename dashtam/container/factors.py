"""Use cases about second factors, and about proving again who one is."""

from functools import cached_property

from dashtam.application.identity.confirm_second_factor import ConfirmSecondFactor
from dashtam.application.identity.enrol_second_factor import EnrolSecondFactor
from dashtam.application.identity.issue_recovery_codes import IssueRecoveryCodes
from dashtam.application.identity.list_second_factors import ListSecondFactors
from dashtam.application.identity.prove_session import ProveSession
from dashtam.application.identity.remove_second_factor import RemoveSecondFactor
from dashtam.container.identity import Identity


class Factors(Identity):
    """Enrolling, confirming and removing second factors, recovery codes, and step-up."""

    @cached_property
    def list_second_factors(self) -> ListSecondFactors:
        return ListSecondFactors(second_factors=self.second_factors, **self.basics)

    @cached_property
    def enrol_second_factor(self) -> EnrolSecondFactor:
        return EnrolSecondFactor(
            users=self.users,
            second_factors=self.second_factors,
            codes=self.one_time_codes,
            **self.basics,
        )

    @cached_property
    def confirm_second_factor(self) -> ConfirmSecondFactor:
        return ConfirmSecondFactor(
            users=self.users,
            second_factors=self.second_factors,
            codes=self.one_time_codes,
            tokens=self.tokens,
            **self.basics,
        )

    @cached_property
    def remove_second_factor(self) -> RemoveSecondFactor:
        return RemoveSecondFactor(
            users=self.users, second_factors=self.second_factors, **self.basics
        )

    @cached_property
    def issue_recovery_codes(self) -> IssueRecoveryCodes:
        return IssueRecoveryCodes(
            users=self.users,
            second_factors=self.second_factors,
            tokens=self.tokens,
            **self.basics,
        )

    @cached_property
    def prove_session(self) -> ProveSession:
        return ProveSession(
            users=self.users, sessions=self.sessions, prover=self.prover, **self.basics
        )
