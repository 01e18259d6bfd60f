"""Files that come as multipart forms (RFC 7578)."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import SEEK_END
from typing import IO, Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict

from dashtam.api.bodies import UPLOADS, body_of
from dashtam.api.http import REFUSED_BY_DJANGO, InvalidBody
from dashtam.api.problems import MalformedRequest, Rejected, UnsupportedMediaType
from domain.shared.errors import TooLarge

# How many bytes a form may have besides its file.
ENVELOPE_BYTES = 16 * 1024
# The end of a form is searched in this many bytes: the boundary has at most 70 characters
# (RFC 2046), and white space may follow it.
TAIL_BYTES = 4 * 1024
MAX_NAME = 255


class FileTooLarge(TooLarge):
    """The file is too large."""

    code = "file-too-large"


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file, and the fields beside it."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)


class InMemory(MemoryFileUploadHandler):
    """Keeps a file of any size in memory: the size of the form was checked before."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True


@asynccontextmanager
async def read_upload(request: HttpRequest, name: str, limit: int) -> AsyncIterator[Upload]:
    """Read a form that holds one file, of at most `limit` bytes, in the part `name`.

    It is in memory during the block, and counts in `UPLOADS` for that long.
    """
    if request.content_type != "multipart/form-data":
        raise Rejected(UnsupportedMediaType("The body must be multipart/form-data."))
    most = limit + ENVELOPE_BYTES
    async with body_of(request, most, _too_large(limit), UPLOADS) as form:
        # Parsing a form takes time, so it is done in a thread.
        upload = await asyncio.to_thread(_read, request, form, name, limit)
        # From here on, `upload` holds the only copy.
        form.close()
        yield upload


def _read(request: HttpRequest, form: IO[bytes], name: str, limit: int) -> Upload:
    size = form.seek(0, SEEK_END)
    # Django accepts a truncated form as if it were complete.
    form.seek(max(size - TAIL_BYTES, 0))
    if not form.read().rstrip().endswith(b"--%b--" % _boundary(request)):
        raise Rejected(MalformedRequest("The form is incomplete."))
    form.seek(0)
    fields, files = _parse(request, form, size)
    parts = files.getlist(name)
    if len(parts) != 1 or set(files) != {name}:
        raise Rejected(InvalidBody(f"Send exactly one file, in the form field {name!r}."))
    if any(len(values) > 1 for _, values in fields.lists()):
        raise Rejected(InvalidBody("The form has the same field more than once."))
    with parts[0] as part:
        content = part.read()
    if len(content) > limit:
        raise Rejected(_too_large(limit))
    return Upload(_clean(part.name), content, {key: str(fields[key]) for key in fields})


def _boundary(request: HttpRequest) -> bytes:
    return (request.content_params or {}).get("boundary", "").encode()


def _parse(
    request: HttpRequest, form: IO[bytes], size: int
) -> tuple[QueryDict, "MultiValueDict[str, UploadedFile[bytes]]"]:
    meta = {**request.META, "CONTENT_LENGTH": size}
    try:
        return MultiPartParser(meta, cast("Any", form), [InMemory(request)]).parse()
    except (MultiPartParserError, *REFUSED_BY_DJANGO):
        raise Rejected(MalformedRequest("The body is not a valid multipart form.")) from None


def _clean(name: str | None) -> str:
    """Return a file name without characters that would break a table or a log line."""
    return "".join(each for each in name or "" if each.isprintable())[:MAX_NAME]


def _too_large(limit: int) -> FileTooLarge:
    return FileTooLarge(f"The file is too large. It may have at most {limit:,} bytes.")
