"""The room's WebSocket: who may come in, and what a frame that breaks the rules leads to."""

import logging

from starlette.responses import JSONResponse
from starlette.websockets import WebSocket

from caretroom import metrics, protocol
from caretroom.capability import Capability
from caretroom.errors import BadFrameError, NotFoundError, RequestError, UnauthorizedError
from caretroom.protocol import (
    CLOSE_BAD_MESSAGE,
    CLOSE_FAILED,
    CLOSE_STALE_EPOCH,
    CLOSE_TRY_LATER,
    CLOSE_UNAUTHORIZED,
)
from caretroom.records import MAIN, RoomId
from caretroom.room import Room
from caretroom.services import services_of
from caretroom.transport import transport_of

logger = logging.getLogger(__name__)

SUBPROTOCOL = "caretroom.token."
CLEAN_CODES = (1000, 1001)
REASON_BYTES = 123  # what a close frame can hold


async def room_socket(websocket: WebSocket) -> None:
    services = services_of(websocket)
    room_id = RoomId(websocket.path_params["room"])
    subprotocol, token = _token(websocket)
    try:
        services.check_origin(websocket)
        capability = services.read(room_id, token)
        if websocket.path_params.get("document", MAIN) != MAIN:
            raise NotFoundError("The room has no such document.")
        async with services.registry.open(room_id) as room:
            capability.check(room.record)
            await websocket.accept(subprotocol=subprotocol)
            await _converse(websocket, room, capability)
    except RequestError as error:
        metrics.refused_upgrades.labels(error.status).inc()
        await websocket.send_denial_response(
            JSONResponse({"error": {"code": error.code, "message": str(error)}}, error.status)
        )


def _token(websocket: WebSocket) -> tuple[str | None, str | None]:
    """The subprotocol to answer with, and the token that came in it or else in the query."""
    for subprotocol in websocket.scope["subprotocols"]:
        if subprotocol.startswith(SUBPROTOCOL):
            return subprotocol, subprotocol.removeprefix(SUBPROTOCOL)
    return None, websocket.query_params.get("token")


async def _converse(websocket: WebSocket, room: Room, capability: Capability) -> None:
    try:
        capability.check(room.record)  # once more: accepting took its time
    except UnauthorizedError as error:
        await websocket.close(CLOSE_UNAUTHORIZED, str(error))
        return
    epoch = websocket.query_params.get("epoch")
    if epoch is not None and epoch != room.record.epoch:
        await websocket.close(CLOSE_STALE_EPOCH, "The room has started anew; this copy belongs to before.")
        return
    turned_away = room.turned_away(capability.role)
    if turned_away is not None:
        await websocket.send_bytes(protocol.room(turned_away))
        await websocket.close(CLOSE_TRY_LATER, turned_away.message)
        return
    transport = transport_of(websocket.scope)
    with room.join(transport, capability.role) as connection:

        def receive(frame: bytes) -> None:
            try:
                room.receive(connection, frame)
            except BadFrameError as error:
                metrics.refused_frames.labels(error.reason).inc()
                logger.warning(
                    "frame refused",
                    extra={"room": room.record.room, "member": connection.identity, "reason": error.reason},
                )
                reason = str(error).encode()[:REASON_BYTES].decode(errors="ignore")
                transport.close(CLOSE_BAD_MESSAGE, reason)
            except Exception:
                # Ours to mend. It costs this connection, which comes back, and nobody else's.
                logger.exception("frame not handled", extra={"room": room.record.room})
                transport.close(CLOSE_FAILED, "The server could not handle a frame.")

        transport.attach(receive, drained=lambda: room.catch_up(connection))
        who = {"room": room.record.room, "role": capability.role.value}
        logger.info("connected", extra=who)
        farewell = await websocket.receive()  # frames go to the room: what comes here is the end
        connection.clean = farewell["code"] in CLEAN_CODES
        logger.info("disconnected", extra={**who, "member": connection.identity, "code": farewell["code"]})
