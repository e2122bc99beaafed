"""The gateway's key sealed to one machine by systemd-creds(1): by its TPM and a key of the host,
where there is no TPM by the host's key alone.

Only root can seal and unseal. The service gets the clear key from the service manager, in memory;
``gateway_key`` takes it from there.
"""

from __future__ import annotations

import binascii
import os
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from edge.domain.keys import Sealing
from edge.errors import SealingFailed

NAME = "gateway.key"
"""The credential's name, which is sealed in with it."""
SEALED = "gateway.key.sealed"
NONE = b"none"
"""What the units hand over where no sealed key lies."""
# A PCR in which nothing is ever measured, so that no update of firmware or boot loader locks the
# shop out (decision 32). systemd 252 cannot unseal what was sealed to no PCR at all.
PCR = "23"
WITHIN_S = 60
TPM = Path("/dev/tpmrm0")
TPM_WITHIN_S = 5.0
# The first 16 bytes of what systemd-creds writes say which keys open it (systemd's creds-util.h).
_KINDS = {
    "0c7cc07b11764591 9c4b0bea08bc20fe": Sealing.TPM,
    "93a8940948744490 90caf2fc93cab553": Sealing.TPM,
    "5a1c6a86df9d4096 b1d5a65e0862f19a": Sealing.HOST,
}
_KIND_BY_ID = {bytes.fromhex(name): kind for name, kind in _KINDS.items()}


class Machine:
    """What this machine seals with. ``tpm`` names another TPM than its own, as tpm2-tss does."""

    def __init__(self, tpm: str | None = None) -> None:
        self._device = [] if tpm is None else [f"--tpm2-device={tpm}"]

    def seal(self, key: bytes, name: str = NAME) -> bytes:
        """The key as only this machine can open it, seen to open. Raises ``SealingFailed``.

        A TPM that does not do what it should is left out.
        """
        if self.has_tpm():
            with suppress(SealingFailed):
                return self._seal(key, name, "host+tpm2")
        return self._seal(key, name, "auto")

    def _seal(self, key: bytes, name: str, with_key: str) -> bytes:
        how = [f"--with-key={with_key}", f"--tpm2-pcrs={PCR}"]
        sealed = self._run("encrypt", name, *how, given=key)
        if self.unseal(sealed, name) != key:
            raise SealingFailed("what was sealed does not open to the same key")
        return sealed

    def unseal(self, sealed: bytes, name: str = NAME) -> bytes:
        """Back from ``seal``. Raises ``SealingFailed`` on any other machine.

        A TPM that the kernel finds late is waited for.
        """
        if kind_of(sealed) is Sealing.TPM:
            patience = time.monotonic() + TPM_WITHIN_S
            while not self.has_tpm() and time.monotonic() < patience:
                time.sleep(0.1)
        return self._run("decrypt", name, given=sealed)

    def has_tpm(self) -> bool:
        """Whether the kernel found a TPM 2.0. systemd asks for one that UEFI knows, too; a machine
        that boots the old way may have one as well.
        """
        return bool(self._device) or TPM.exists()

    def _run(self, verb: str, name: str, *how: str, given: bytes) -> bytes:
        program = shutil.which("systemd-creds")
        if program is None:
            raise SealingFailed("systemd-creds is missing; it comes with systemd 250 and later")
        asked = [program, verb, f"--name={name}", *how, *self._device, "-", "-"]
        ended = subprocess.run(
            asked, input=given, capture_output=True, check=False, timeout=WITHIN_S
        )
        if ended.returncode:
            lines = ended.stderr.decode(errors="replace").strip().splitlines()
            raise SealingFailed(f"systemd-creds says: {lines[-1] if lines else 'nothing'}")
        return ended.stdout


def kind_of(sealed: bytes) -> Sealing:
    """What opens a sealed key. Raises ``SealingFailed`` for what systemd-creds never wrote."""
    try:
        return _KIND_BY_ID[binascii.a2b_base64(sealed)[:16]]
    except (binascii.Error, KeyError) as error:
        raise SealingFailed("it is damaged, or of a kind that is not known here") from error


def sealing_of(folder: Path) -> Sealing | None:
    """How the gateway's key of a folder is kept; None where there is none yet.

    Raises ``SealingFailed`` for a damaged one.
    """
    if (folder / SEALED).exists():
        return kind_of((folder / SEALED).read_bytes())
    return Sealing.CLEAR if (folder / NAME).exists() else None


def handed_over() -> bytes | None:
    """The clear key that this process was given in memory, if it was.

    By the service manager in ``$CREDENTIALS_DIRECTORY`` (systemd.exec(5)), or by root's command
    line as the file descriptor ``$REGULARS_KEY_FD``.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if folder and (Path(folder) / NAME).exists():
        given = (Path(folder) / NAME).read_bytes()
        return None if given == NONE else given
    descriptor = os.environ.get("REGULARS_KEY_FD")
    return os.pread(int(descriptor), 4096, 0) if descriptor else None
