"""Everything that can go wrong, as one tree. An expected "no" is a value, not an exception.

    EdgeError                     code                   HTTP
    ├── ConfigError               config                 -     the configuration cannot be used
    ├── ModelError                model                  -     a model file is missing or wrong
    ├── BadRequest                bad_request            400   malformed, or a field is wrong
    ├── NotPaired                 not_paired             401   no session, or it was revoked
    ├── NotAllowed                not_allowed            403   the role or the origin is not allowed
    ├── NotFound                  not_found              404   no such thing
    ├── MethodNotAllowed          method_not_allowed     405   the path takes other methods
    ├── Conflict                  conflict               409   the state of things forbids it
    │   ├── FaceMatchingOff       face_matching_off      409   privacy conditions are not met
    │   ├── MatchingRests         matching_rests         409   headquarters not heard for a day
    │   └── CursorAhead           cursor_ahead           409   a cursor that was never given out
    ├── Gone                      gone                   404   a code used, ended, or never given
    ├── TooLarge                  too_large              413   more bytes or pixels than allowed
    ├── UnsupportedMedia          unsupported_media      415   not a type this takes
    ├── TooManyTries              too_many_tries         429   somebody is guessing
    ├── StoreUnavailable          store_unavailable      503   disk full, or the database is locked
    ├── BackupFailed              backup_failed          -     a copy was not made or not put back
    ├── ClaimRefused              claim_refused          -     a claim file that cannot be used here
    ├── SealingFailed             sealing_failed         -     a key was not sealed, or not opened
    ├── CertificateFailed         certificate_failed     -     no certificate for the public name
    ├── UpdateFailed              update_failed          -     a release was not taken or published
    ├── AuditBroken               audit_broken           500   the audit log was altered
    ├── VisionUnavailable         vision_unavailable     503   the vision process is not ready
    ├── CameraUnavailable         camera_unavailable     503   a camera does not answer as one
    ├── ScannerUnavailable        scanner_unavailable    503   the scanner process is not ready
    └── HeadquartersUnavailable   headquarters_unavailable  503  no answer, or none of use
        └── HeadquartersRefused   headquarters_refused   503   an answer with a code of its own

Each class has a stable ``code``; the message says what happened and what to do.
"""

from __future__ import annotations

from typing import ClassVar


class EdgeError(Exception):
    """Root of the tree. ``field`` names the part of the input at fault, if one is."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class ConfigError(EdgeError):
    """The configuration cannot be used; the message names the key and what to do."""

    code = "config"


class ModelError(EdgeError):
    """A model file is missing, altered, or may not be used under its licence."""

    code = "model"


class BadRequest(EdgeError):
    """The request is malformed, or a field holds what it may not."""

    code = "bad_request"
    status = 400


class NotPaired(EdgeError):
    """There is no session behind this request, or it was revoked."""

    code = "not_paired"
    status = 401


class NotAllowed(EdgeError):
    """The session's role does not reach this far, or the origin is foreign."""

    code = "not_allowed"
    status = 403


class NotFound(EdgeError):
    """No such thing."""

    code = "not_found"
    status = 404


class MethodNotAllowed(EdgeError):
    """The path is there, but takes other methods."""

    code = "method_not_allowed"
    status = 405


class Conflict(EdgeError):
    """The present state forbids it."""

    code = "conflict"
    status = 409


class FaceMatchingOff(Conflict):
    """Face matching is off: the privacy conditions are not met."""

    code = "face_matching_off"


class MatchingRests(Conflict):
    """Headquarters was not heard for a day: who has withdrawn meanwhile is not known here."""

    code = "matching_rests"


class CursorAhead(Conflict):
    """A cursor that was never given out: ask again from 0."""

    code = "cursor_ahead"


class Gone(EdgeError):
    """A pairing code that was used, has ended, or never was: nobody learns which."""

    code = "gone"
    status = 404


class TooLarge(EdgeError):
    """More bytes, or more pixels, than allowed."""

    code = "too_large"
    status = 413


class UnsupportedMedia(EdgeError):
    """Not a content type this takes."""

    code = "unsupported_media"
    status = 415


class TooManyTries(EdgeError):
    """Somebody is guessing; try again later."""

    code = "too_many_tries"
    status = 429


class StoreUnavailable(EdgeError):
    """The database cannot be written now: disk full, or locked. Nothing was half-written."""

    code = "store_unavailable"
    status = 503


class BackupFailed(EdgeError):
    """A copy was not made, not verified or not put back. ``absent`` where there is none at all,
    ``taken`` where something else holds the place.
    """

    code = "backup_failed"

    def __init__(self, message: str, *, absent: bool = False, taken: bool = False) -> None:
        super().__init__(message)
        self.absent = absent
        self.taken = taken


class ClaimRefused(EdgeError):
    """A claim file is forged, over, used or not for this machine, which stays as it was.

    ``fault`` is a ``domain.ClaimFault``: which of these, for a page in the person's own words.
    """

    code = "claim_refused"

    def __init__(self, message: str, *, fault: str) -> None:
        super().__init__(message)
        self.fault = fault


class SealingFailed(EdgeError):
    """This machine cannot seal a key, or cannot open what another one sealed."""

    code = "sealing_failed"


class CertificateFailed(EdgeError):
    """No certificate was obtained for the public name; the one that is there goes on."""

    code = "certificate_failed"


class UpdateFailed(EdgeError):
    """A release was not fetched, not taken or not published; what ran before runs on."""

    code = "update_failed"


class AuditBroken(EdgeError):
    """The audit log is not what was written: an entry was changed, moved or removed."""

    code = "audit_broken"


class VisionUnavailable(EdgeError):
    """The vision process is starting, or was lost and is being restarted."""

    code = "vision_unavailable"
    status = 503


class CameraUnavailable(EdgeError):
    """A camera does not answer, or not as a camera does."""

    code = "camera_unavailable"
    status = 503


class ScannerUnavailable(EdgeError):
    """The scanner process is starting, or was lost and is being restarted."""

    code = "scanner_unavailable"
    status = 503


class HeadquartersUnavailable(EdgeError):
    """Headquarters does not answer, or not with what was asked; it is tried again."""

    code = "headquarters_unavailable"
    status = 503


class HeadquartersRefused(HeadquartersUnavailable):
    """Headquarters said no, with a code of the contract in ``refusal``."""

    code = "headquarters_refused"

    def __init__(self, message: str, *, refusal: str, last_sequence: int | None = None) -> None:
        super().__init__(message)
        self.refusal = refusal
        self.last_sequence = last_sequence
