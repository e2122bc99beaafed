"""The claim that a machine has taken in, as it lies on its disk until headquarters has admitted it.

``claim.toml`` is written last and removed first: where it lies, all that belongs to it does. The
store's key is made here and never leaves the machine. Every change is durable when it returns.

Blocks; an event loop calls it in a thread.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edge import durable
from edge.contract import StoreClaim
from edge.domain import ClaimFault
from edge.errors import ClaimRefused, ConfigError

CREDENTIALS = "headquarters"
"""The folder below the state folder for what headquarters gives."""
_CLAIM, _KEY, _ADMISSION, _SAID = "claim.toml", "key.pem", "admission.pem", "said.json"
_PAPER = "first-manager.json"


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What was said of a claim last: ``fault`` where it was refused, None while it waits."""

    text: str
    fault: ClaimFault | None = None


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """What a claim says of the page that pairs the first manager's phone."""

    code_hash: str
    expires_at: datetime


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

    def said(self) -> Said | None:
        """Why the claim still waits, or why one was refused."""
        with self._usable():
            text = _read(self.folder / _SAID)
            return None if text is None else msgspec.json.decode(text, type=Said)

    def keep(self, file: bytes, claim: StoreClaim) -> None:
        """Take a claim in, in the place of one that waits."""
        with self._usable():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.folder / _SAID).unlink(missing_ok=True)
            if _read(self.folder / _KEY) is None:
                durable.put(self.folder / _KEY, _pem(ec.generate_private_key(ec.SECP256R1())))
            durable.put(self.admission, claim.admission.encode())
            durable.put(self.folder / _CLAIM, file)

    def note(self, why: str) -> None:
        """Write down why the claim still waits."""
        said = Said(text=why)
        if self.said() != said:
            with self._usable():
                durable.put(self.folder / _SAID, msgspec.json.encode(said))

    def request(self) -> tuple[ec.EllipticCurvePublicKey, str]:
        """The store's key, and a signing request for it in PEM."""
        key = self._key()
        request = (
            x509.CertificateSigningRequestBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "regulars")]))
            .sign(key, hashes.SHA256())
        )
        return key.public_key(), request.public_bytes(serialization.Encoding.PEM).decode()

    def put_credentials(self, certificate: str, claim: StoreClaim) -> None:
        """Lay down what the line to headquarters needs, and what is left to do as its store; the
        folder appears whole.
        """
        part = self.credentials.with_name(f"{CREDENTIALS}.part")
        with self._usable():
            for folder in (part, self.credentials):
                shutil.rmtree(folder, ignore_errors=True)
            part.mkdir(mode=0o700)
            durable.put(part / "authority.pem", claim.authority.encode())
            durable.put(part / "pair.pem", _pem(self._key()) + certificate.encode())
            if claim.first_manager is not None:
                paper = Paper(code_hash=claim.first_manager, expires_at=claim.expires_at)
                durable.put(part / _PAPER, msgspec.json.encode(paper))
            durable.move(part, self.credentials)

    def paper(self) -> Paper | None:
        """The page for the first manager, until ``drop_paper``."""
        with self._usable():
            text = _read(self.credentials / _PAPER)
            return None if text is None else msgspec.json.decode(text, type=Paper)

    def drop_paper(self) -> None:
        """It is the store's now."""
        with self._usable():
            (self.credentials / _PAPER).unlink(missing_ok=True)
            durable.sync(self.credentials)

    def erase(self, refused: ClaimRefused | None = None) -> None:
        """Remove the claim; why is left behind where it came to nothing."""
        with self._usable():
            if refused is not None:
                said = Said(text=refused.message, fault=ClaimFault(refused.fault))
                durable.put(self.folder / _SAID, msgspec.json.encode(said))
            (self.folder / _CLAIM).unlink(missing_ok=True)
            durable.sync(self.folder)
            if refused is None:
                shutil.rmtree(self.folder)
            for name in (_KEY, _ADMISSION):
                (self.folder / name).unlink(missing_ok=True)

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


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
