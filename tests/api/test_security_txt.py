"""A finder of a vulnerability finds a contact (RFC 9116)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import AsyncClient

ADDRESS = "/.well-known/security.txt"


async def test_it_has_contact_and_expiry(
    async_client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SECURITY_CONTACT", "mailto:security@dashtam.example")

    response = await async_client.get(ADDRESS)

    assert response.status_code == 200
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
    assert fields["Contact"] == "mailto:security@dashtam.example"
    left = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
    assert timedelta(days=1) < left < timedelta(days=365)


async def test_it_is_missing_without_a_contact(async_client: AsyncClient) -> None:
    response = await async_client.get(ADDRESS)

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
