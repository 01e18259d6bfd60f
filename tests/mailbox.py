"""Emails as their recipients receive them."""

import re

from django.core import mail


def mailed() -> str:
    """Return the token of the latest email with one."""
    found = [re.search(r"dashtam_mail_\w+", str(email.body)) for email in mail.outbox]
    return next(token[0] for token in reversed(found) if token)
