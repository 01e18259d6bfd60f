"""A process that connects somebody to a SimpleFIN server, with the setup token of its argument."""

import asyncio
import os
import sys

EMAIL = "ada@example.org"


async def _connect(setup_token: str) -> None:
    from dashtam.application.connections.authorise import BeginConnection
    from dashtam.application.identity.users import RegisterUser
    from dashtam.container import container
    from domain.connections.values import ProviderSlug
    from domain.identity.values import Email
    from domain.shared.result import Success

    await container.use(RegisterUser)(email=EMAIL, password="a long enough password")  # noqa: S106
    found = await container.ports.users.get_by_email(Email(EMAIL))
    assert isinstance(found, Success)
    begun = await container.use(BeginConnection)(
        user_id=found.value.id,
        provider=ProviderSlug("simplefin"),
        name="",
        given={"setup_token": setup_token},
    )
    assert isinstance(begun, Success), begun


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashtam.settings")
    import django

    django.setup()
    asyncio.run(_connect(sys.argv[1]))
