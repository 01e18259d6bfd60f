"""Ask the server in this container whether it is ready, over plain http, which health allows."""

import os
import urllib.request

ADDRESS = "http://127.0.0.1:8000/health/ready"

host = os.environ["ALLOWED_HOSTS"].split(",")[0].lstrip(".*")
request = urllib.request.Request(ADDRESS, headers={"Host": host or "localhost"})
with urllib.request.urlopen(request, timeout=4):  # noqa: S310  (the address is a constant)
    pass
