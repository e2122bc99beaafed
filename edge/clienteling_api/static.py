"""The web app's files and the authority's certificate, outside the API's prefix.

Files have no hash in their names, so browsers keep them and ask each time whether they are
still current (``no-cache`` with an ``ETag``). The files are listed once, at start: no path
from a request ever reaches the disk.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import hdrs, web

from edge.clienteling_api.parts import PARTS

WEB_APP = Path(__file__).with_name("web")
INDEX = "index.html"
# Python 3.11 knows no type for a manifest; scripts must not depend on this machine's table.
_TYPES = {".webmanifest": "application/manifest+json", ".js": "text/javascript"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def routes(folder: Path = WEB_APP) -> list[web.RouteDef]:
    """A route for each file, ``/`` and ``/pair`` for the app itself, ``/ca.crt``."""
    files = {
        f"/{path.relative_to(folder).as_posix()}": path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }
    if (folder / INDEX).is_file():
        files |= {"/": folder / INDEX, "/pair": folder / INDEX}
    found = [web.get(path, _serve(file)) for path, file in files.items()]
    return [*found, web.get("/ca.crt", ca_certificate)]


async def ca_certificate(request: web.Request) -> web.Response:
    """The certificate that a phone is asked to trust, once."""
    return web.Response(
        body=request.app[PARTS].ca_certificate,
        content_type="application/x-x509-ca-cert",
        headers={hdrs.CONTENT_DISPOSITION: 'attachment; filename="regulars-ca.crt"'},
    )


def _serve(file: Path) -> Handler:
    content_type = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0]
    headers = {
        hdrs.CONTENT_TYPE: content_type or "application/octet-stream",
        hdrs.CACHE_CONTROL: "no-cache",
    }
    if headers[hdrs.CONTENT_TYPE].startswith("text/"):
        headers[hdrs.CONTENT_TYPE] += "; charset=utf-8"

    async def serve(request: web.Request) -> web.FileResponse:
        return web.FileResponse(file, headers=headers)

    return serve
