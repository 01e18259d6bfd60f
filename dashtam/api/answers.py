"""Answers in JSON."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from pydantic import BaseModel


def answer(model: BaseModel, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    """Answer with JSON."""
    return _json_response(model.model_dump_json(), status)


def created(model: BaseModel, path: str) -> HttpResponse:
    """Answer with something new, and say where it is."""
    response = answer(model, HTTPStatus.CREATED)
    response["Location"] = f"/api/v1/{path}"
    return response


async def answer_beside(
    make: Callable[..., BaseModel], *told: Any, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    """Answer with JSON that may be long: it is made and written beside the event loop."""
    return _json_response(await asyncio.to_thread(_written, make, told), status)


def _written(make: Callable[..., BaseModel], told: tuple[Any, ...]) -> str:
    return make(*told).model_dump_json()


def _json_response(text: str, status: HTTPStatus) -> HttpResponse:
    return HttpResponse(
        text,
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def no_content() -> HttpResponse:
    return HttpResponse(status=HTTPStatus.NO_CONTENT)
