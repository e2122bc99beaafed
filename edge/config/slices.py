"""The keys of the file, one slice for each part. Every key carries its own description."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.config.certificate import CertificateConfig
from edge.config.devices import CameraConfig, ScannerConfig
from edge.config.slice import Identifier, Slice
from edge.config.upkeep import BackupConfig, UpdatesConfig
from edge.domain import Language

INSIGHTFACE_LICENCE = "insightface-non-commercial"


class StoreConfig(Slice, frozen=True, kw_only=True):
    """The shop."""

    id: Annotated[Identifier, Meta(description="Short name of the shop, unique in the chain.")]
    name: Annotated[str, Meta(description="Name that people see.", min_length=1)]
    timezone: Annotated[str, Meta(description="IANA time zone, e.g. Asia/Shanghai.")] = "UTC"
    language: Annotated[Language, Meta(description="Language of the shop's screens.")] = (
        Language.ENGLISH
    )
    state_dir: Annotated[
        str, Meta(description="Where database, keys, certificates and models live.")
    ] = "/var/lib/regulars"


class ControllerConfig(Slice, frozen=True, kw_only=True):
    """Who answers for the data: printed on every notice and receipt."""

    name: Annotated[str, Meta(description="Legal name of the controller.", min_length=1)]
    address: Annotated[str, Meta(description="Postal address.", min_length=1)]
    contact: Annotated[str, Meta(description="E-mail or phone for questions.", min_length=1)]


class PrivacyConfig(Slice, frozen=True, kw_only=True):
    """What must be settled before a face is matched."""

    profile: Annotated[
        Literal["off", "demo", "eu", "uk", "cn", "us"],
        Meta(description="Jurisdiction; `off` matches no face, `demo` takes recorded files only."),
    ] = "off"
    assessment: Annotated[
        str, Meta(description="Reference of the impact assessment (DPIA, PIPIA).")
    ] = ""
    sign_confirmed_on: Annotated[
        date | None, Meta(description="Day on which the sign at the door was seen in place.")
    ] = None
    retention_months: Annotated[
        int, Meta(description="Templates end this long after the last visit.", ge=1, le=36)
    ] = 12
    notice_url: Annotated[
        Annotated[str, Meta(pattern=r"^https?://[^\s]+\Z", max_length=300)] | None,
        Meta(
            description="Where anybody can read the notice, e.g. on the shop's website: the QR "
            "code on the sign at the door leads there; default: to this gateway, which only phones "
            "on the shop's network reach."
        ),
    ] = None
    controller: Annotated[
        ControllerConfig | None, Meta(description="Who answers for the data.")
    ] = None

    def why_off(self) -> str | None:
        """What keeps face matching off, in one sentence, or None where it may run."""
        if self.profile == "off":
            return "privacy.profile is off: name the jurisdiction profile of this shop"
        if self.controller is None:
            return "privacy.controller is missing: say who answers for the data"
        if self.profile == "demo":
            return None
        if not self.assessment.strip():
            return "privacy.assessment is empty: give the reference of the impact assessment"
        if self.sign_confirmed_on is None:
            return "privacy.sign_confirmed_on is missing: confirm the sign at the door"
        return None


class RecognitionConfig(Slice, frozen=True, kw_only=True):
    """How sure the gateway must be before it says "possibly"."""

    pack: Annotated[
        Literal["yunet-sface", "insightface"],
        Meta(description="Model pack; `insightface` needs its licence accepted below."),
    ] = "yunet-sface"
    accepted_licences: Annotated[
        list[str],
        Meta(description=f"Licences accepted by name, e.g. `{INSIGHTFACE_LICENCE}`."),
    ] = []
    target_fpir: Annotated[
        float,
        Meta(
            description="Share of strangers who may be taken for a member; the threshold follows "
            "from it and from the gallery.",
            ge=1e-5,
            le=0.1,
        ),
    ] = 0.001
    threshold: Annotated[
        Annotated[float, Meta(ge=0, le=1)] | None,
        Meta(description="Least score that names a member; default: from the gallery's own."),
    ] = None
    margin: Annotated[float, Meta(description="Least lead over the runner-up.", ge=0, le=0.5)] = (
        0.04
    )
    min_face_px: Annotated[
        int, Meta(description="Width of the smallest face looked at.", ge=24, le=400)
    ] = 48
    presentation_attack_check: Annotated[
        bool,
        Meta(
            description="Check the shots that would raise an alert for a face held up on paper or "
            "a screen; costs some 4 ms of one core a shot, and two more model files."
        ),
    ] = False
    presentation_attack_threshold: Annotated[
        Annotated[float, Meta(ge=0, le=1)] | None,
        Meta(description="Least score that counts as a person there; default: the models' own."),
    ] = None


class VisitConfig(Slice, frozen=True, kw_only=True):
    """When a stay begins and ends."""

    absence_s: Annotated[
        int, Meta(description="A visit closes this long after the last sign of it.", ge=5)
    ] = 2700


class CodesConfig(Slice, frozen=True, kw_only=True):
    """How codes are read and understood, whichever scanner gives them."""

    budget_ms: Annotated[
        int, Meta(description="Most time spent on the codes of one picture.", ge=0, le=2000)
    ] = 150
    link_hosts: Annotated[
        list[Annotated[str, Meta(pattern=r"^[a-z0-9.-]+\Z")]],
        Meta(description="Hosts whose GS1 Digital Links are read as products."),
    ] = msgspec.field(default_factory=lambda: ["id.gs1.org"])


class VouchersConfig(Slice, frozen=True, kw_only=True):
    """What this store may give away, and for how long it holds it back."""

    offline_cap: Annotated[
        int,
        Meta(
            description="Uses of a campaign of several stores that this one redeems without a "
            "lease from headquarters; a campaign may name its own.",
            ge=0,
        ),
    ] = 50
    hold_s: Annotated[
        int, Meta(description="A reserved use comes back after this long.", ge=10, le=86400)
    ] = 600


class ApiConfig(Slice, frozen=True, kw_only=True):
    """The doors of the gateway."""

    host: Annotated[str, Meta(description="Address that phones reach, HTTPS only.")] = "0.0.0.0"
    port: Annotated[int, Meta(description="HTTPS port.", ge=0, le=65535)] = 8443
    loopback_port: Annotated[
        int, Meta(description="Plain HTTP port, on 127.0.0.1 only.", ge=0, le=65535)
    ] = 8080
    announce: Annotated[bool, Meta(description="Announce the gateway by mDNS.")] = True


class FootfallConfig(Slice, frozen=True, kw_only=True):
    """Sums that headquarters may pull, and what keeps single people out of them."""

    privacy: Annotated[
        Literal["suppression", "differential"],
        Meta(
            description="Hide small sums in company, or add noise to every sum (needs `opendp`, "
            "requirements/privacy.txt)."
        ),
    ] = "suppression"
    min_cell: Annotated[
        int, Meta(description="`suppression`: the least count that is told.", ge=3, le=1000)
    ] = 10
    epsilon_per_day: Annotated[
        float,
        Meta(
            description="`differential`: most that a visit of one day may lose of its privacy.",
            gt=0,
            le=20,
        ),
    ] = 4.0
    epsilon_per_issue: Annotated[
        float,
        Meta(
            description="`differential`: what telling a day once takes of that; a correction takes "
            "it again.",
            gt=0,
            le=20,
        ),
    ] = 2.0
    keep_days: Annotated[
        int, Meta(description="Sums are kept, and corrected, this long.", ge=7, le=3660)
    ] = 120


class HeadquartersConfig(Slice, frozen=True, kw_only=True):
    """The line to headquarters; without it the gateway works alone."""

    url: Annotated[
        str | None,
        Meta(
            description="Where headquarters serves stores, e.g. `https://hq.example:9443`, or the "
            "NATS server in between, e.g. `nats://nats.example:4222`; TLS either way."
        ),
    ] = None
    credentials: Annotated[
        str,
        Meta(description="Folder that headquarters made for this store when it was admitted."),
    ] = "/etc/regulars/headquarters"
    listen: Annotated[
        Annotated[str, Meta(pattern=r"^([0-9.]+|\[[0-9a-fA-F:]+\]):[0-9]{1,5}\Z")] | None,
        Meta(
            description="Address and port where headquarters may pull sums of visits, e.g. "
            "`0.0.0.0:9444`; default: nowhere."
        ),
    ] = None


class Config(Slice, frozen=True, kw_only=True):
    """The whole file."""

    store: Annotated[StoreConfig, Meta(description="The shop.")]
    privacy: Annotated[PrivacyConfig, Meta(description="Conditions of face matching.")] = (
        PrivacyConfig()
    )
    cameras: Annotated[list[CameraConfig], Meta(description="The cameras.")] = []
    scanners: Annotated[list[ScannerConfig], Meta(description="The scanners.")] = []
    recognition: Annotated[RecognitionConfig, Meta(description="The decision.")] = (
        RecognitionConfig()
    )
    visit: Annotated[VisitConfig, Meta(description="Stays.")] = VisitConfig()
    codes: Annotated[CodesConfig, Meta(description="Codes.")] = CodesConfig()
    vouchers: Annotated[VouchersConfig, Meta(description="Redemption.")] = VouchersConfig()
    api: Annotated[ApiConfig, Meta(description="Doors.")] = ApiConfig()
    certificate: Annotated[CertificateConfig, Meta(description="A public name.")] = (
        CertificateConfig()
    )
    footfall: Annotated[FootfallConfig, Meta(description="Sums of visits.")] = FootfallConfig()
    backup: Annotated[BackupConfig, Meta(description="Copies of the shop's data.")] = BackupConfig()
    updates: Annotated[UpdatesConfig, Meta(description="Releases of the program.")] = (
        UpdatesConfig()
    )
    headquarters: Annotated[HeadquartersConfig, Meta(description="The line to headquarters.")] = (
        HeadquartersConfig()
    )
