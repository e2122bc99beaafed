"""The claim that a machine has taken in, as it lies on its disk until headquarters has admitted it.

``claim.toml`` is written last and removed first: where it lies, all that belongs to it does. The
store's key is made here and never leaves the machine. Every change is durable when it returns.

Blocks; an event loop calls it in a thread.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edge.contract import StoreClaim
from edge.errors import ConfigError

CREDENTIALS = "headquarters"
"""The folder below the state folder for what headquarters gives."""
_CLAIM, _KEY, _ADMISSION, _SAID = "claim.toml", "key.pem", "admission.pem", "said.txt"


class KeptClaim:
    """What lies below a state folder of a claim."""

    def __init__(self, state_dir: Path) -> None:
        self.folder = state_dir / "claim"
        self.credentials = state_dir / CREDENTIALS

    @property
    def admission(self) -> Path:
        """Key and certificate that open headquarters' door for admissions."""
        return self.folder / _ADMISSION

    def file(self) -> bytes | None:
        """The claim file, byte for byte, or None."""
        with self._usable():
            return _read(self.folder / _CLAIM)

    def said(self) -> str | None:
        """What was said of the claim last: why it still waits, or why it was refused."""
        with self._usable():
            text = _read(self.folder / _SAID)
        return None if text is None else text.decode()

    def keep(self, file: bytes, claim: StoreClaim) -> None:
        """Take a claim in, in the place of one that waits."""
        with self._usable():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.folder / _SAID).unlink(missing_ok=True)
            if _read(self.folder / _KEY) is None:
                _write(self.folder / _KEY, _pem(ec.generate_private_key(ec.SECP256R1())))
            _write(self.admission, claim.admission.encode())
            _write(self.folder / _CLAIM, file)

    def note(self, said: str) -> None:
        """Write down why the claim still waits."""
        if self.said() != said:
            with self._usable():
                _write(self.folder / _SAID, said.encode())

    def request(self) -> tuple[ec.EllipticCurvePublicKey, str]:
        """The store's key, and a signing request for it in PEM."""
        key = self._key()
        request = (
            x509.CertificateSigningRequestBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "regulars")]))
            .sign(key, hashes.SHA256())
        )
        return key.public_key(), request.public_bytes(serialization.Encoding.PEM).decode()

    def put_credentials(self, certificate: str, authority: str) -> None:
        """Lay down what the line to headquarters needs; the folder appears whole."""
        part = self.credentials.with_name(f"{CREDENTIALS}.part")
        with self._usable():
            for folder in (part, self.credentials):
                shutil.rmtree(folder, ignore_errors=True)
            part.mkdir(mode=0o700)
            _write(part / "authority.pem", authority.encode())
            _write(part / "pair.pem", _pem(self._key()) + certificate.encode())
            part.rename(self.credentials)
            _sync(self.credentials.parent)

    def erase(self, said: str | None = None) -> None:
        """Remove the claim; ``said`` is left behind where it came to nothing."""
        with self._usable():
            (self.folder / _CLAIM).unlink(missing_ok=True)
            _sync(self.folder)
            shutil.rmtree(self.folder)
            if said is not None:
                self.folder.mkdir(mode=0o700)
                _write(self.folder / _SAID, said.encode())

    def _key(self) -> ec.EllipticCurvePrivateKey:
        with self._usable():
            key = serialization.load_pem_private_key((self.folder / _KEY).read_bytes(), None)
            if not isinstance(key, ec.EllipticCurvePrivateKey):
                raise ValueError("a key of another kind")
            return key

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ConfigError(
                f"{self.folder} cannot be used ({error.strerror}); make room, or let the gateway's "
                "user write there"
            ) from error
        except ValueError as error:
            raise ConfigError(f"{self.folder}/{_KEY} is no key; remove the folder") from error


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
