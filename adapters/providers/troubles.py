"""What is said of trouble with a provider: sentences of ours, as its own may name secrets."""

from datetime import datetime

from domain.connections.providers import ProviderTrouble, TroubleKind

SENTENCES = {
    TroubleKind.AUTHENTICATION: "The provider refuses the credentials. Renew the connection.",
    TroubleKind.CONSENT: "The provider does not allow access any more. Renew the connection.",
    TroubleKind.PAYMENT: "The provider demands a payment first. Pay there, then sync again.",
    TroubleKind.INTERACTION: "The bank wants you to confirm that it is you.",
    TroubleKind.QUOTA: "The provider allows no more requests for the time being.",
    TroubleKind.TRANSIENT: "The provider cannot be reached at present.",
    TroubleKind.GONE: "The provider does not know this connection any more.",
    TroubleKind.PROTOCOL: "The provider's answer is not what its protocol allows.",
}


def trouble(
    kind: TroubleKind, detail: str | None = None, until: datetime | None = None
) -> ProviderTrouble:
    """Return trouble with the usual sentence of its kind, or with another one of ours."""
    return ProviderTrouble(detail or SENTENCES[kind], kind=kind, until=until)
