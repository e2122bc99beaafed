"""One camera: its clock, who made it, and the streams of its profiles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit, urlunsplit
from xml.etree.ElementTree import Element
from xml.sax.saxutils import quoteattr

from edge.errors import BadRequest, CameraUnavailable
from edge.onvif.soap import Caller, Credentials, client
from edge.onvif.xml import every, first, text

STREAMS_MAX = 16
_DEVICE = 'xmlns="http://www.onvif.org/ver10/device/wsdl"'
_MEDIA = 'xmlns="http://www.onvif.org/ver10/media/wsdl"'
_CLOCK = f"<GetSystemDateAndTime {_DEVICE}/>"
_MAKER = f"<GetDeviceInformation {_DEVICE}/>"
_SERVICES = f"<GetCapabilities {_DEVICE}><Category>Media</Category></GetCapabilities>"
_PROFILES = f"<GetProfiles {_MEDIA}/>"
_STREAM = (
    f"<GetStreamUri {_MEDIA}><StreamSetup>"
    '<Stream xmlns="http://www.onvif.org/ver10/schema">RTP-Unicast</Stream>'
    '<Transport xmlns="http://www.onvif.org/ver10/schema"><Protocol>RTSP</Protocol></Transport>'
    "</StreamSetup><ProfileToken>{token}</ProfileToken></GetStreamUri>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A profile and where it streams. ``source`` holds user and password; ``address`` neither.

    0 stands for what the camera does not say.
    """

    name: str
    codec: str
    width_px: int
    height_px: int
    fps: float
    address: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A camera as it describes itself; ``skew`` is its clock minus ours."""

    maker: str
    model: str
    skew: timedelta
    streams: tuple[Stream, ...]


async def look(addresses: tuple[str, ...], credentials: Credentials | None) -> Device:
    """Ask the camera at the first of its addresses that answers; streams with most pixels first.

    Raises ``CameraUnavailable``, or ``BadRequest`` for a wrong password.
    """
    async with client() as http:
        caller = Caller(http, credentials)
        address = await _first_that_answers(caller, addresses)
        maker = await caller.ask(address, _MAKER)
        services = await caller.ask(address, _SERVICES)
        media = _beside(text(services, "Media", "XAddr") or address, address)
        profiles = await caller.ask(media, _PROFILES)
        streams = []
        for profile in list(every(profiles, "Profiles"))[:STREAMS_MAX]:
            if first(profile, "VideoEncoderConfiguration") is not None:
                streams.append(await _stream(caller, media, profile, credentials))
    found = [stream for stream in streams if stream is not None]
    if not found:
        raise CameraUnavailable("the camera offers no stream; set one up in its own settings")
    found.sort(key=lambda stream: stream.width_px * stream.height_px, reverse=True)
    return Device(
        maker=text(maker, "Manufacturer")[:80],
        model=text(maker, "Model")[:80],
        skew=caller.skew,
        streams=tuple(found),
    )


async def _first_that_answers(caller: Caller, addresses: tuple[str, ...]) -> str:
    """The address, with the camera's clock learnt there; anybody may ask for that."""
    trouble: CameraUnavailable | BadRequest = CameraUnavailable(
        "the camera gives no address; check it"
    )
    for address in addresses:
        try:
            answer = await caller.ask(address, _CLOCK, openly=True)
        except (CameraUnavailable, BadRequest) as error:
            trouble = error
            continue
        caller.skew = _skew(answer, datetime.now(UTC))
        return address
    raise trouble


def _skew(answer: Element, now: datetime) -> timedelta:
    """The camera's clock minus ours; nothing where it does not say, or says what is no time."""
    clock = first(answer, "UTCDateTime")
    if clock is None:
        return timedelta()
    names = ("Year", "Month", "Day", "Hour", "Minute", "Second")
    try:
        year, month, day, hour, minute, second = (int(text(clock, name)) for name in names)
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC) - now
    except ValueError:
        return timedelta()


async def _stream(
    caller: Caller, media: str, profile: Element, credentials: Credentials | None
) -> Stream | None:
    """Where a profile streams; None where the camera does not say, or not over RTSP."""
    token = quoteattr(profile.get("token", ""))[1:-1]
    answer = await caller.ask(media, _STREAM.format(token=token))
    uri = text(answer, "MediaUri", "Uri") or text(answer, "Uri")
    if not uri.lower().startswith(("rtsp://", "rtsps://")):
        return None
    address = _beside(uri, media)
    encoder = first(profile, "VideoEncoderConfiguration")
    assert encoder is not None
    return Stream(
        name=(text(profile, "Name") or token)[:80],
        codec=text(encoder, "Encoding")[:16],
        width_px=_whole(text(encoder, "Resolution", "Width")),
        height_px=_whole(text(encoder, "Resolution", "Height")),
        fps=float(_whole(text(encoder, "RateControl", "FrameRateLimit"))),
        address=address,
        source=_with(address, credentials),
    )


def _beside(address: str, reached: str) -> str:
    """The address with the host that was reached, without anybody's password.

    A camera names the address that it believes to have: of another of its networks, of the
    factory, or behind a router.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise CameraUnavailable("the camera names an address that is none") from None
    host = urlsplit(reached).hostname or ""
    host = f"[{host}]" if ":" in host else host
    return urlunsplit(parts._replace(netloc=f"{host}:{port}" if port else host))


def _with(address: str, credentials: Credentials | None) -> str:
    if credentials is None:
        return address
    who = f"{quote(credentials.user, safe='')}:{quote(credentials.password, safe='')}"
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=f"{who}@{parts.netloc}"))


def _whole(number: str) -> int:
    """A number as cameras write it, 25 or 25.000; 0 for anything else."""
    try:
        return min(max(int(float(number)), 0), 100_000)
    except (ValueError, OverflowError):
        return 0
