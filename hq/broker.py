"""The configuration of a NATS server, written from the books.

Certificates are mapped to users by the name that they carry, and a user may use the subjects that
end with its own store and name, and nothing else: no API of JetStream, no inbox but its own. So
a store needs no further secret, and one that was revoked is out when the server reads
``stores.conf`` again.
"""

from __future__ import annotations

from pathlib import Path

from edge import durable
from edge.contract import BATCH_BYTES, subjects
from hq import authority, books
from hq.schema import Connection

FOLDER, MAIN, USERS, PID = "nats", "server.conf", "stores.conf", "nats.pid"
HEADERS_BYTES = 64 * 2**10
MAX_PAYLOAD = BATCH_BYTES + HEADERS_BYTES

# Every publication that is acknowledged is on the disk: sync_interval. TLS from the first byte:
# handshake_first, so that nobody between can talk a client out of it.
_MAIN = """\
# Written by `python -m hq nats-config`.
server_name: "regulars"
listen: "0.0.0.0:{port}"
max_payload: {max_payload}
pid_file: "{folder}/{pid}"
jetstream {{
  store_dir: "{folder}/data"
  sync_interval: always
}}
tls {{
  cert_file: "{folder}/{pair}"
  key_file: "{folder}/{pair}"
  ca_file: "{folder}/{authority}"
  verify_and_map: true
  handshake_first: true
  min_version: "1.3"
}}
authorization {{
  include "{users}"
}}
"""
_USERS = """\
# Written from the books by `python -m hq`, which rewrites it whenever a store comes or goes.
users: [
  {{ user: "{uri}{headquarters}" }}
{users}
]
"""
_USER = """\
  {{ user: "{uri}{name}", permissions: {{
      publish: {{ allow: ["{up}", "{down}"] }}
      subscribe: {{ allow: ["{inbox}.>", "{visits}", "{told}"] }}
      allow_responses: {{ max: 1, expires: "1m" }} }} }}"""


def config_of(folder: Path) -> Path:
    """Where the server's configuration is, if it was written."""
    return folder / FOLDER / MAIN


def reload_command(folder: Path) -> str:
    """What makes a running server read its users again."""
    return f"nats-server --signal reload={(folder / FOLDER / PID).resolve()}"


async def write(connection: Connection, folder: Path, host: str, port: int) -> None:
    """Write everything that a NATS server needs. Blocks while its key is made."""
    out = folder / FOLDER
    out.mkdir(mode=0o700, exist_ok=True)
    authority.issue_broker(folder, out, host)
    main = _MAIN.format(
        port=port,
        max_payload=MAX_PAYLOAD,
        folder=out.resolve(),
        pid=PID,
        pair=authority.PAIR,
        authority=authority.AUTHORITY,
        users=USERS,
    )
    durable.put(config_of(folder), main.encode(), authority.READABLE)
    await write_users(connection, folder)


async def write_users(connection: Connection, folder: Path) -> None:
    """Bring the server's users in line with the books, where it has a configuration.

    Blocks until they are on the disk, so that none who read the books earlier write them later.
    """
    if not config_of(folder).exists():
        return
    users = [_user(store_id, name) for store_id, name in await books.in_force(connection)]
    text = _USERS.format(
        uri=subjects.CERTIFICATE_URI,
        headquarters=subjects.HEADQUARTERS_NAME,
        users="\n".join(users),
    )
    durable.put(folder / FOLDER / USERS, text.encode(), authority.READABLE)


def _user(store_id: str, name: str) -> str:
    return _USER.format(
        uri=subjects.CERTIFICATE_URI,
        name=name,
        up=subjects.batches("*", store_id, name),
        down=subjects.pages("*", store_id, name),
        inbox=subjects.inbox(name),
        visits=subjects.visits(store_id),
        told=subjects.WITHDRAWAL_TOLD,
    )
