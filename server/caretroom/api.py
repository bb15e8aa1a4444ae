"""The HTTP interface: rooms are made, joined by code, described, exported and deleted here."""

import time
from base64 import b64encode
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from caretroom.capability import Capability, Role
from caretroom.document import seed
from caretroom.errors import (
    BadRequestError,
    ForbiddenError,
    NotFoundError,
    TooLargeError,
    TooManyError,
    UnprocessableError,
)
from caretroom.export import FORMATS, export
from caretroom.records import MAIN, Author, Entry, Kind, MemberId, RoomRecord
from caretroom.services import (
    JOIN_CODE_LENGTH,
    JOIN_CODE_LETTERS,
    Services,
    new_join_code,
    new_room_id,
    services_of,
)

SERVER = Author(MemberId("caretroom"), "Caretroom")


class NewRoom(msgspec.Struct, frozen=True):
    kind: Kind = Kind.PAIR
    title: str = ""
    code: str | None = None


class Join(msgspec.Struct, frozen=True):
    join_code: str


Body = TypeVar("Body")


async def create_room(request: Request) -> Response:
    services = services_of(request)
    limits = services.config.limits
    wanted = await _body(request, NewRoom)
    title = " ".join(wanted.title.split())
    if len(title) > limits.title_characters:
        raise UnprocessableError(f"The title may have {limits.title_characters} characters, this one has {len(title)}.")
    if wanted.code is not None and len(wanted.code.encode()) > limits.code_bytes:
        raise TooLargeError(f"The first code may have {limits.code_bytes} bytes.")
    if not services.new_rooms.take(1, time.monotonic()):
        raise TooManyError("So many rooms were started here just now that this one has to wait. Try again in a minute.")
    record = RoomRecord(
        room=new_room_id(),
        kind=wanted.kind,
        title=title,
        join_code=new_join_code(),
        epoch=new_room_id(),
        created_at=time.time(),
    )
    await services.store.create(record, MAIN, Entry(1, record.created_at, SERVER, seed(wanted.code)))
    return JSONResponse(
        {
            "room": record.room,
            "kind": record.kind,
            "links": services.links(request, record, Role.HOST),
            "join_code": record.join_code,
            "expires_at": None,
        },
        status_code=201,
    )


async def join_room(request: Request) -> Response:
    services = services_of(request)
    wanted = await _body(request, Join)
    code = "".join(letter for letter in wanted.join_code.upper() if letter.isalnum())
    record = None
    if len(code) == JOIN_CODE_LENGTH and set(code) <= set(JOIN_CODE_LETTERS):
        record = await services.store.find(code)
    if record is None:
        services.join_failures.count(request.client.host if request.client else "", time.monotonic())
        raise NotFoundError("No room has this join code. Check it with the person who gave it to you.")
    return JSONResponse({"url": services.links(request, record, Role.VIEWER)[Role.VIEWER]})


async def describe_room(request: Request) -> Response:
    services = services_of(request)
    record, capability = await services.authorize(request)
    async with services.registry.open(record.room) as room:
        return JSONResponse(
            {
                "room": record.room,
                "kind": record.kind,
                "title": record.title,
                "state": "live",
                "role": capability.role,
                "epoch": record.epoch,
                "members": [{"id": m.id, "name": m.name, "role": m.role} for m in room.roster],
                "files": [{"id": file.id, "name": file.name} for file in room.document.files()],
                "created_at": record.created_at,
                "expires_at": None,
            }
        )


async def room_links(request: Request) -> Response:
    return _links(request, *await services_of(request).authorize(request))


async def replace_links(request: Request) -> Response:
    services = services_of(request)
    record, capability = await _as_host(request, services)
    return _links(request, await services.registry.replace_links(record.room, new_join_code()), capability)


def _links(request: Request, record: RoomRecord, capability: Capability) -> Response:
    links = services_of(request).links(request, record, capability.role)
    return JSONResponse({"links": links, "join_code": record.join_code})


async def export_room(request: Request) -> Response:
    services = services_of(request)
    record, _ = await services.authorize(request)
    format = request.query_params.get("format", "zip")
    if format not in FORMATS:
        raise BadRequestError(f"Expected format to be one of {', '.join(FORMATS)}, got {format!r}.")
    async with services.registry.open(record.room) as room:
        body = export(format, record, room.document)
    return Response(
        body,
        media_type=FORMATS[format].media_type,
        headers={"Content-Disposition": f'attachment; filename="{record.room}.{format}"'},
    )


async def room_history(request: Request) -> Response:
    services = services_of(request)
    record, _ = await _as_host(request, services)
    return JSONResponse(
        {
            "entries": [
                {
                    "position": entry.position,
                    "at": entry.at,
                    "author": {"member": entry.author.member, "name": entry.author.name},
                    "update": b64encode(entry.update).decode(),
                }
                for entry in await services.store.history(record.room, MAIN)
            ]
        }
    )


async def delete_room(request: Request) -> Response:
    services = services_of(request)
    record, _ = await _as_host(request, services)
    await services.registry.delete(record.room)
    return Response(status_code=204)


async def _as_host(request: Request, services: Services) -> tuple[RoomRecord, Capability]:
    record, capability = await services.authorize(request)
    if capability.role is not Role.HOST:
        raise ForbiddenError("Only a host of the room may do this.")
    return record, capability


async def _body(request: Request, kind: type[Body]) -> Body:
    most = services_of(request).config.limits.request_bytes
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise TooLargeError(f"A request may have {most} bytes.")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise UnprocessableError(str(error)) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadRequestError(f"Expected a JSON object: {error}") from error


routes = [
    Route("/api/rooms", create_room, methods=["POST"]),
    Route("/api/join", join_room, methods=["POST"]),
    Route("/api/rooms/{room}", describe_room, methods=["GET"]),
    Route("/api/rooms/{room}", delete_room, methods=["DELETE"]),
    Route("/api/rooms/{room}/links", room_links, methods=["GET"]),
    Route("/api/rooms/{room}/links", replace_links, methods=["POST"]),
    Route("/api/rooms/{room}/export", export_room, methods=["GET"]),
    Route("/api/rooms/{room}/history", room_history, methods=["GET"]),
]
