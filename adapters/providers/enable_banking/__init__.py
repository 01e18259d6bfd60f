"""Enable Banking: banks of Europe, by the consent that a person gives at their bank."""

from adapters.providers.enable_banking.provider import (
    EnableBankingSettings,
    enable_banking,
)

__all__ = ["EnableBankingSettings", "enable_banking"]
