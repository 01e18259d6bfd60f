"""Files that come as multipart forms (RFC 7578)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict

from dashtam.api.http import REFUSED_BY_DJANGO, InvalidBody, Rejected
from dashtam.api.problems import MalformedRequest, UnsupportedMediaType
from domain.shared.errors import TooLarge

# What a form may be larger than the file in it.
ENVELOPE_BYTES = 16 * 1024
MAX_NAME = 255


class FileTooLarge(TooLarge):
    """The file has more bytes than are taken."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent, and the fields that came along with it."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)


async def read_upload(request: HttpRequest, name: str, limit: int) -> Upload:
    """Read a form that holds one file, of at most `limit` bytes, in the part `name`."""
    if request.content_type != "multipart/form-data":
        raise Rejected(UnsupportedMediaType("The body has to be multipart/form-data."))
    if _announced(request) > limit + ENVELOPE_BYTES:
        raise Rejected(_too_large(limit))
    # Taking a form apart is work: it is done beside the event loop.
    return await asyncio.to_thread(_read, request, name, limit)


def _read(request: HttpRequest, name: str, limit: int) -> Upload:
    form = request.read(limit + ENVELOPE_BYTES + 1)
    if len(form) > limit + ENVELOPE_BYTES:
        raise Rejected(_too_large(limit))
    # Django takes a form that breaks off as if it were whole.
    if not form.rstrip().endswith(b"--%b--" % _boundary(request)):
        raise Rejected(MalformedRequest("The form breaks off before its end."))
    fields, files = _parse(request, form)
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


def _announced(request: HttpRequest) -> int:
    """Return how long the body is said to be: ten digits name more than any file has."""
    digits = request.headers.get("Content-Length", "").strip().lstrip("0")
    return int(digits[:10]) if digits.isdecimal() else 0


def _boundary(request: HttpRequest) -> bytes:
    return (request.content_params or {}).get("boundary", "").encode()


def _parse(
    request: HttpRequest, form: bytes
) -> tuple[QueryDict, "MultiValueDict[str, UploadedFile[bytes]]"]:
    meta = {**request.META, "CONTENT_LENGTH": len(form)}
    try:
        return MultiPartParser(meta, BytesIO(form), request.upload_handlers).parse()
    except (MultiPartParserError, *REFUSED_BY_DJANGO):
        raise Rejected(MalformedRequest("The body is not a multipart form.")) from None


def _clean(name: str | None) -> str:
    """Return a file name without what a table or a log could stumble over."""
    return "".join(letter for letter in name or "" if letter.isprintable())[:MAX_NAME]


def _too_large(limit: int) -> FileTooLarge:
    return FileTooLarge(f"A file has at most {limit:,} bytes.")
