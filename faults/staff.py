"""Start a session for a member of staff without the log-in page, and print its key."""

import os
import sys
import time


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashtam.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from adapters.persistence.staff.models import StaffUser
    from adapters.persistence.staff.sessions import SessionStore

    member = StaffUser.objects.get(username=sys.argv[1])
    session = SessionStore()
    session[SESSION_KEY] = str(member.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = member.get_session_auth_hash()
    session["second_factor_of"] = str(member.pk)
    session["second_factor_at"] = time.time()
    session.create()
    sys.stdout.write(f"{session.session_key}\n")


if __name__ == "__main__":
    main()
