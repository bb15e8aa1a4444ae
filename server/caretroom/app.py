"""The application as a value: routes, what lives as long as it does, and errors in words."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import WebSocketRoute

from caretroom import api, health, pages, python
from caretroom.capability import Signer, load_secret
from caretroom.config import Config
from caretroom.distribution import open_distribution
from caretroom.errors import ConfigError, RequestError, StoreError
from caretroom.limits import TokenBucket
from caretroom.packages import Packages
from caretroom.registry import Registry
from caretroom.services import JoinFailures, Services
from caretroom.store import open_store
from caretroom.websocket import room_socket

logger = logging.getLogger(__name__)


class State(TypedDict):
    services: Services


def create_app(config: Config) -> Starlette:
    """Raises ConfigError for settings that can't work."""
    if config.backplane != "local://":
        raise ConfigError(f"--backplane {config.backplane}: expected local://")
    signer = Signer(load_secret(config.secret_file))
    store_context = open_store(config.store)
    distribution = open_distribution(config.pyodide_dir)
    packages = None
    if distribution is not None:
        source = distribution.source(config.packages_source)
        packages = Packages(distribution, config.packages_dir, source, config.limits)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[State]:
        async with store_context as store, Registry(store, config.limits) as registry:
            limits = config.limits
            failures = JoinFailures(limits.join_failures_per_minute)
            new_rooms = TokenBucket(limits.rooms_per_second, limits.rooms_burst, time.monotonic())
            watching = asyncio.create_task(health.watch_loop())
            try:
                yield {"services": Services(config, signer, store, registry, failures, new_rooms, packages)}
            finally:
                watching.cancel()

    return Starlette(
        routes=[
            *api.routes,
            *health.routes,
            *pages.routes(distribution),
            *python.routes,
            WebSocketRoute("/ws/{room}", room_socket),
            WebSocketRoute("/ws/{room}/{document}", room_socket),
        ],
        exception_handlers={RequestError: _refused, HTTPException: _http_error, StoreError: _store_error},
        lifespan=lifespan,
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)
    return _error(error.status, error.code, str(error))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = {404: "There is nothing at this address.", 405: "This address does not do that."}
    return _error(error.status_code, "http", words.get(error.status_code, error.detail))


async def _store_error(request: Request, error: Exception) -> Response:
    logger.error("store", extra={"reason": str(error)})
    return _error(503, "unavailable", "The store does not work at the moment. Try again soon.")


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status)
