"""pycrdt-websocket's ASGI server under uvicorn, as its documentation shows it."""

import asyncio
import os

import uvicorn
from pycrdt.websocket import ASGIServer, WebsocketServer  # type: ignore[import-not-found]


async def main() -> None:
    websocket_server = WebsocketServer()
    config = uvicorn.Config(
        ASGIServer(websocket_server), port=int(os.environ["PORT"]), log_level="error", ws_per_message_deflate=False
    )
    async with websocket_server:
        await uvicorn.Server(config).serve()


asyncio.run(main())
