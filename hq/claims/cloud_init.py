"""A claim as ``user-data``: a machine that cloud-init installs is a store when it has started.

cloud-init's ``user-data`` is written by whoever makes the machine and read by root, so what it says
of the authority is as good as what stands on the machine's disk.
"""

from __future__ import annotations

import base64

_USER_DATA = """\
#cloud-config
# Makes this machine the Regulars gateway of {store_id}, once.
write_files:
  - path: /etc/regulars/authority.sha256
    permissions: "0644"
    content: |
      {fingerprint}
  - path: /var/lib/cloud/regulars-claim.toml
    permissions: "0600"
    encoding: b64
    content: {claim}
runcmd:
  - {install}
  - [sh, -c, "regulars claim - </var/lib/cloud/regulars-claim.toml"]
  - [rm, -f, /var/lib/cloud/regulars-claim.toml]
"""
DEFAULT_INSTALL = "apt-get install --yes /opt/regulars.deb"


def user_data(store_id: str, claim: bytes, fingerprint: str, install: str) -> bytes:
    """The file for one store. ``install`` is the shell command that installs Regulars there."""
    quoted = install.replace("\\", "\\\\").replace('"', '\\"')
    return _USER_DATA.format(
        store_id=store_id,
        fingerprint=fingerprint,
        claim=base64.b64encode(claim).decode(),
        install=f'[sh, -c, "{quoted}"]',
    ).encode()
