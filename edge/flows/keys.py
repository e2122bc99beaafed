"""The gateway's key: sealed to its machine, and brought to another one.

Every step leaves the key where it can be found after a power cut: what replaces it is there, and
was seen to open, before it goes.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from edge.domain.keys import Sealing
from edge.errors import ConfigError, Conflict, SealingFailed
from edge.store import recovery
from edge.store.gateway_key import KEY_BYTES
from edge.store.key_files import KeyFiles
from edge.store.sealing import Machine, kind_of

ELSEWHERE = (
    "the gateway's key does not open on this machine: its mainboard, TPM or disk is not the one "
    "that sealed it; nothing is lost: sudo regulars keys import FILE, with the recovery file and "
    "its code"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """How the key is kept now; ``why_clear`` says what kept it from being sealed."""

    sealing: Sealing
    why_clear: str | None = None


def seal(files: KeyFiles, machine: Machine) -> Sealed:
    """Make the key, or take the one that lies in the clear, and seal it; what is right stays.

    A machine that cannot seal goes on with a key in the clear. Raises ``ConfigError`` for a key
    that does not open here, and for two of which nobody knows which is right.
    """
    files.end_wiping()
    clear, sealed = files.clear(), files.sealed()
    if sealed is None:
        return _seal_first(files, machine, clear)
    try:
        key = machine.unseal(sealed)
    except SealingFailed as error:
        if clear is None or not files.fits(clear):
            raise ConfigError(f"{ELSEWHERE} ({error.message})") from error
        return _keep(files, machine, clear)  # a folder that was moved here with its clear key
    if clear is not None and clear != key:
        if not files.fits(clear):
            raise ConfigError(
                f"{files.folder} holds two keys, one sealed and one in the clear, and they differ; "
                "put aside the one that was put there by mistake"
            )
        return _keep(files, machine, clear)
    if clear is not None:
        files.wipe_clear()
    if kind_of(sealed) is not Sealing.TPM and machine.has_tpm():
        sealed = _better(files, machine, sealed, key)
    return Sealed(sealing=kind_of(sealed))


def unseal(files: KeyFiles, machine: Machine) -> None:
    """Put the key back in the clear, for a release that knows no other. Raises ``ConfigError``."""
    key = held(files, machine)
    if files.clear() is None:
        files.keep_clear(key)
    files.drop_sealed()


def held(files: KeyFiles, machine: Machine) -> bytes:
    """The key as it is kept here. Raises ``ConfigError`` where there is none, or it stays shut."""
    sealed, clear = files.sealed(), files.clear()
    if sealed is not None:
        try:
            return machine.unseal(sealed)
        except SealingFailed as error:
            raise ConfigError(f"{ELSEWHERE} ({error.message})") from error
    if clear is None:
        raise ConfigError(f"{files.folder} holds no key yet; start the gateway once")
    return clear


def export(files: KeyFiles, machine: Machine, store_id: str, now: datetime) -> tuple[bytes, str]:
    """A recovery file, and the code that opens it, which is kept nowhere."""
    code = recovery.new_code()
    return recovery.lock(held(files, machine), code, store_id, now), code


def bring(files: KeyFiles, machine: Machine, text: bytes, code: str) -> Sealed:
    """Take the key of a recovery file as this machine's own.

    The keys of faces that lie here decide: a key that does not open them is refused, and nobody
    comes back whose key is not among them. Raises ``BadRequest``, ``Conflict``.
    """
    file, key = recovery.unlock(text, code)
    fits = files.fits(key)
    if fits is None:
        raise Conflict(
            f"{files.folder} holds nothing that this key could open: bring the state folder of the "
            "old machine first; after `regulars restore` no key is needed"
        )
    if not fits:
        raise Conflict(
            f"what lies in {files.folder} was not made under the key of this file, which store "
            f"{file.store_id} made on {file.made_at:%Y-%m-%d}; take the right file, or the right "
            "state folder"
        )
    return _keep(files, machine, key)


def _seal_first(files: KeyFiles, machine: Machine, clear: bytes | None) -> Sealed:
    if clear is not None:
        return _keep(files, machine, clear)
    if files.needed():
        raise ConfigError(
            f"the gateway's key is missing from {files.folder}, which holds keys made under it; "
            "bring it back: sudo regulars keys import FILE"
        )
    return _keep(files, machine, secrets.token_bytes(KEY_BYTES))


def _better(files: KeyFiles, machine: Machine, sealed: bytes, key: bytes) -> bytes:
    """Seal with the TPM that the machine has by now, if it does what it promises."""
    with suppress(SealingFailed):
        anew = machine.seal(key)
        if kind_of(anew) is Sealing.TPM:
            files.keep_sealed(anew)
            return anew
    return sealed


def _keep(files: KeyFiles, machine: Machine, key: bytes) -> Sealed:
    """Seal a key and put it in place; where this machine cannot, the clear one is kept instead."""
    try:
        sealed = machine.seal(key)
    except SealingFailed as error:
        if files.clear() != key:
            _put_clear(files, key)
        files.drop_sealed()
        return Sealed(sealing=Sealing.CLEAR, why_clear=error.message)
    files.keep_sealed(sealed)
    if files.clear() is not None:
        files.wipe_clear()
    return Sealed(sealing=kind_of(sealed))


def _put_clear(files: KeyFiles, key: bytes) -> None:
    if files.clear() is not None:
        files.wipe_clear()
    files.keep_clear(key)
