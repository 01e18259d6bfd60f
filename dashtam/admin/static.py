"""Style sheets and scripts of the admin, served without a second server."""

from contextlib import closing

from asgiref.sync import sync_to_async
from django.contrib.staticfiles.views import serve
from django.http import HttpRequest, HttpResponse

A_DAY = "public, max-age=86400"


async def static_file(request: HttpRequest, path: str) -> HttpResponse:
    """Serve one file of an installed app. There are few, they are small, and only staff ask."""
    return await sync_to_async(_whole, thread_sensitive=False)(request, path)


def _whole(request: HttpRequest, path: str) -> HttpResponse:
    # By `insecure`, Django means: even when not debugging.
    with closing(serve(request, path, insecure=True)) as found:
        content = b"".join(found)
        return HttpResponse(
            content,
            status=found.status_code,
            content_type=found.headers["Content-Type"],
            headers={"Cache-Control": A_DAY},
        )
