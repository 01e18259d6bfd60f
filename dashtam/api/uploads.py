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

# What a form may be larger than the file in it.
ENVELOPE_BYTES = 16 * 1024
# Where the end of a form is looked for: its boundary has at most 70 letters (RFC 2046), and after
# it there may be blanks.
TAIL_BYTES = 4 * 1024
MAX_NAME = 255


class FileTooLarge(TooLarge):
    """The file has more bytes than are taken."""

    code = "file-too-large"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent, and the fields that came along with it."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)


class InMemory(MemoryFileUploadHandler):
    """Holds a file of any size: the form was limited before it is taken apart."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True


@asynccontextmanager
async def read_upload(request: HttpRequest, name: str, limit: int) -> AsyncIterator[Upload]:
    """Read a form that holds one file, of at most `limit` bytes, in the part `name`.

    What it takes of `UPLOADS` is given back with the block: until then it is in memory.
    """
    if request.content_type != "multipart/form-data":
        raise Rejected(UnsupportedMediaType("The body has to be multipart/form-data."))
    most = limit + ENVELOPE_BYTES
    async with body_of(request, most, _too_large(limit), UPLOADS) as form:
        # Taking a form apart is work: it is done beside the event loop.
        upload = await asyncio.to_thread(_read, request, form, name, limit)
        # From here on the content is the only copy.
        form.close()
        yield upload


def _read(request: HttpRequest, form: IO[bytes], name: str, limit: int) -> Upload:
    size = form.seek(0, SEEK_END)
    # Django takes a form that breaks off as if it were whole.
    form.seek(max(size - TAIL_BYTES, 0))
    if not form.read().rstrip().endswith(b"--%b--" % _boundary(request)):
        raise Rejected(MalformedRequest("The form breaks off before its end."))
    form.seek(0)
    fields, files = _parse(request, form, size)
    parts = files.getlist(name)
    if len(parts) != 1 or set(files) != {name}:
        raise Rejected(InvalidBody(f"The form has to hold one file, in the part {name!r}."))
    if any(len(values) > 1 for _, values in fields.lists()):
        raise Rejected(InvalidBody("The form has a field more than once."))
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
        raise Rejected(MalformedRequest("The body is not a multipart form.")) from None


def _clean(name: str | None) -> str:
    """Return a file name without what a table or a log could stumble over."""
    return "".join(letter for letter in name or "" if letter.isprintable())[:MAX_NAME]


def _too_large(limit: int) -> FileTooLarge:
    return FileTooLarge(f"A file has at most {limit:,} bytes.")
