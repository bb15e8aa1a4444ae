"""The packages that programs may import: their list, and their files. Pyodide itself is among the files of `pages`."""

import hashlib

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from caretroom.errors import NotFoundError
from caretroom.packages import Packages
from caretroom.pages import EVERYWHERE
from caretroom.services import services_of

LIST = EVERYWHERE | {
    "Content-Type": "application/json",
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
}
# The address holds the content's sha256. What is in it is compressed already.
FILE = EVERYWHERE | {"Cache-Control": "public, max-age=31536000, immutable"}


def _packages(request: Request) -> Packages:
    packages = services_of(request).packages
    if packages is None:
        raise NotFoundError("This server has no Python to run.")
    return packages


async def lock(request: Request) -> Response:
    offer = await _packages(request).offer()
    tag = f'W/"{hashlib.sha256(offer.lock).hexdigest()[:16]}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=LIST | {"ETag": tag})
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(offer.gzipped, headers=LIST | {"ETag": tag, "Content-Encoding": "gzip"})
    return Response(offer.lock, headers=LIST | {"ETag": tag})


async def file(request: Request) -> Response:
    path = await _packages(request).find(request.path_params["sha256"], request.path_params["name"])
    return FileResponse(path, media_type="application/zip", headers=FILE)


routes = [
    Route("/packages/pyodide-lock.json", lock),
    Route("/packages/{sha256}/{name}", file),
]
