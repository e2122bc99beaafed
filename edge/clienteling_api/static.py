"""The web app's files, outside the API's prefix.

Files have no hash in their names, so browsers keep them and ask each time whether they are
still current (``no-cache`` with an ``ETag``). The files are listed once, at start: no path
from a request ever reaches the disk.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import hdrs, web

WEB_APP = Path(__file__).with_name("web")
INDEX = "index.html"
# Python 3.11 knows no type for a manifest; scripts must not depend on this machine's table.
_TYPES = {".webmanifest": "application/manifest+json", ".js": "text/javascript"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def routes(folder: Path = WEB_APP) -> list[web.RouteDef]:
    """A route for each file, and the addresses that open the app itself."""
    files = {
        f"/{path.relative_to(folder).as_posix()}": path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }
    if (folder / INDEX).is_file():
        files |= dict.fromkeys(("/", "/pair", "/trust", "/setup", "/notice"), folder / INDEX)
    return [web.get(path, _serve(file)) for path, file in files.items()]


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
