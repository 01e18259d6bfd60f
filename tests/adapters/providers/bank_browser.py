"""The browser of a person: it follows the redirects of a bank up to Dashtam's own address."""

from urllib.parse import parse_qsl, urlsplit

import httpx2

MOST_STEPS = 20


async def decide(url: str, callback: str) -> dict[str, str]:
    """Open an address, and return the parameters with which the bank sends the person back."""
    async with httpx2.AsyncClient(trust_env=False) as browser:
        for _ in range(MOST_STEPS):
            response = await browser.get(url)
            assert response.is_redirect, response.text[:500]
            url = str(response.url.join(response.headers["location"]))
            if url.startswith(callback):
                return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    raise AssertionError("the bank does not send the person back")
