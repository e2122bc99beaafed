"""What the publisher of releases has published, so that nobody sends one that is not there.

Headquarters reads that for itself alone, verified by The Update Framework: stores fetch, and judge,
without its word.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import urllib3
from tuf.api.exceptions import DownloadError, ExpiredMetadataError, RepositoryError
from tuf.api.metadata import Metadata, Targets
from tuf.ngclient import Updater
from tuf.ngclient.urllib3_fetcher import Urllib3Fetcher

from hq.problems import Mistake
from hq.schema import Connection

PATIENCE_S = 5
_MANIFEST = re.compile(r"releases/(?P<machine>\w+)/(?P<version>[0-9]+(\.[0-9]+){1,3})\.json")

Published = Mapping[str, tuple[str, ...]]
"""The kinds of machine (``uname -m``) that a version is there for, by version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The publisher's repository: where it is served, and the root of trust (``1.root.json``)."""

    url: str
    root: bytes


async def source(connection: Connection) -> Source | None:
    """Where releases come from; None where nobody has said so."""
    row = await connection.fetchrow("SELECT url, root FROM publisher")
    return Source(**dict(row)) if row else None


async def put_source(connection: Connection, given: Source) -> Published:
    """Keep it, once it could be read. Raises ``Mistake``."""
    found = read(given)
    await connection.execute("DELETE FROM publisher")
    await connection.execute(
        "INSERT INTO publisher (url, root) VALUES ($1, $2)", given.url, given.root
    )
    return found


def read(given: Source) -> Published:
    """What is there now; waits for the line. Raises ``Mistake``."""
    if not re.fullmatch(r"https?://\S+", given.url):
        raise Mistake(f"{given.url!r} is no address; it begins with https://", "source")
    with tempfile.TemporaryDirectory() as folder:
        try:
            Updater(
                folder,
                f"{given.url.rstrip('/')}/metadata/",
                fetcher=Urllib3Fetcher(PATIENCE_S, app_user_agent="regulars-hq"),
                bootstrap=given.root,
            ).refresh()
        except ExpiredMetadataError as error:
            raise Mistake(
                "what the publisher signed has expired; it has to run: regulars release refresh",
                "expired",
            ) from error
        except (DownloadError, urllib3.exceptions.HTTPError) as error:
            raise Mistake(
                f"the publisher's repository at {given.url} does not answer as one; try again "
                "later, or name another with: python -m hq release source",
                "away",
                url=given.url,
            ) from error
        except RepositoryError as error:
            raise Mistake(
                f"what {given.url} serves is not signed by the publisher whose root of trust was "
                "given; name the right one with: python -m hq release source",
                "not_signed",
                url=given.url,
            ) from error
        signed = Metadata[Targets].from_file(str(Path(folder) / "targets.json")).signed
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(signed.targets):
        if told := _MANIFEST.fullmatch(path):
            found[told["version"]] = (*found.get(told["version"], ()), told["machine"])
    return found
