"""How the gateway's key is kept."""

from __future__ import annotations

from enum import StrEnum


class Sealing(StrEnum):
    """What opens the gateway's key: this machine's TPM, a file on its disk, or nothing."""

    TPM = "tpm"
    HOST = "host"
    CLEAR = "clear"
