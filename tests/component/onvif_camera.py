"""A network camera that speaks ONVIF, true to the protocol, with the faults that real ones have.

It answers WS-Discovery on the real multicast group and SOAP over HTTP: it checks
WS-UsernameToken as the standard says (digest, a time near its own clock, no nonce twice), or wants
HTTP Digest as some makers do. Its streams are for a real RTSP server to give.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

from aiohttp import web

GROUP, PORT = "239.255.255.250", 3702
TOKEN_LIFE = timedelta(minutes=1)

MATCH = """<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope"
 xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"
 xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><SOAP-ENV:Header>
<wsa:MessageID>urn:uuid:{message}</wsa:MessageID><wsa:RelatesTo>{relates}</wsa:RelatesTo>
<wsa:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsa:To>
<wsa:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</wsa:Action>
</SOAP-ENV:Header><SOAP-ENV:Body><d:ProbeMatches><d:ProbeMatch>
<wsa:EndpointReference><wsa:Address>urn:uuid:{id}</wsa:Address></wsa:EndpointReference>
<d:Types>dn:NetworkVideoTransmitter</d:Types>
<d:Scopes>onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/hardware/DM-2
 onvif://www.onvif.org/name/{name}</d:Scopes>
<d:XAddrs>{addresses}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>
</d:ProbeMatch></d:ProbeMatches></SOAP-ENV:Body></SOAP-ENV:Envelope>"""

ANSWER = """<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
 xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl"
 xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:ter="http://www.onvif.org/ver10/error">
<s:Body>{body}</s:Body></s:Envelope>"""

DENIED = """<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode>
<s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code><s:Reason>
<s:Text xml:lang="en">Sender not Authorized</s:Text></s:Reason></s:Fault>"""

PROFILE = """<trt:Profiles token="{token}" fixed="true"><tt:Name>{name}</tt:Name>
<tt:VideoSourceConfiguration token="vsc"><tt:Name>source</tt:Name></tt:VideoSourceConfiguration>
<tt:VideoEncoderConfiguration token="enc-{token}"><tt:Name>{name}</tt:Name>
<tt:Encoding>{codec}</tt:Encoding><tt:Resolution><tt:Width>{width}</tt:Width>
<tt:Height>{height}</tt:Height></tt:Resolution><tt:RateControl>
<tt:FrameRateLimit>{fps}</tt:FrameRateLimit></tt:RateControl>
</tt:VideoEncoderConfiguration></trt:Profiles>"""

BOMB = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>
<x>&b;&f;</x>"""


@dataclass(kw_only=True)
class OnvifCamera:
    """One camera; ``async with serve(camera)`` switches it on.

    ``streams`` are (token, name, codec, width, height, frames a second, address). ``garbage`` is
    said instead of every answer. ``others`` are further addresses that it names in discovery, as
    one with several networks does; ``named_host`` is the host that it believes to have, and
    ``host`` the one that it has.
    """

    streams: list[tuple[str, str, str, int, int, int, str]]
    user: str = "viewer"
    password: str = "p@ss:word & <more>"
    skew: timedelta = timedelta()
    name: str = "Front%20door"
    http_digest: bool = False
    garbage: str | None = None
    times_answered: int = 1
    others: tuple[str, ...] = ()
    named_host: str = "127.0.0.1"
    host: str = "127.0.0.1"
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    port: int = 0
    asked: list[str] = field(default_factory=list)
    nonces: set[str] = field(default_factory=set)

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}/onvif/device_service"

    def now(self) -> datetime:
        return datetime.now(UTC) + self.skew

    # --- SOAP ----------------------------------------------------------------------------

    async def soap(self, request: web.Request) -> web.Response:
        envelope = ElementTree.fromstring(await request.read())
        question = envelope[-1][0].tag.rpartition("}")[2]
        self.asked.append(question)
        if self.garbage is not None:
            return web.Response(text=self.garbage, content_type="application/soap+xml")
        if question != "GetSystemDateAndTime":
            if self.http_digest and not self._http_digest_is_right(request):
                challenge = 'Digest realm="cam", qop="auth", nonce="0123abcd", algorithm=MD5'
                return web.Response(status=401, headers={"WWW-Authenticate": challenge})
            if not self.http_digest and not self._token_is_right(envelope):
                return self._answer(DENIED, status=400)
        return self._answer(getattr(self, f"_{question}")(envelope))

    def _answer(self, body: str, status: int = 200) -> web.Response:
        text = ANSWER.format(body=body)
        return web.Response(text=text, status=status, content_type="application/soap+xml")

    def _token_is_right(self, envelope: ElementTree.Element) -> bool:
        said = {found.tag.rpartition("}")[2]: found.text or "" for found in envelope.iter()}
        if "UsernameToken" not in said or said["Nonce"] in self.nonces:
            return False
        self.nonces.add(said["Nonce"])
        created = datetime.fromisoformat(said["Created"])
        secret = base64.b64decode(said["Nonce"]) + said["Created"].encode() + self.password.encode()
        digest = base64.b64encode(hashlib.sha1(secret).digest()).decode()
        near = abs(created - self.now()) < TOKEN_LIFE
        return said["Username"] == self.user and said["Password"] == digest and near

    def _http_digest_is_right(self, request: web.Request) -> bool:
        header = request.headers.get("Authorization", "")
        said = {key: bare or quoted for key, quoted, bare in
                re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', header)}  # fmt: skip
        if said.get("username") != self.user:
            return False

        def md5(text: str) -> str:
            return hashlib.md5(text.encode()).hexdigest()

        first = md5(f"{self.user}:cam:{self.password}")
        second = md5(f"{request.method}:{said['uri']}")
        middle = f"{said['nonce']}:{said['nc']}:{said['cnonce']}:{said['qop']}"
        return said["response"] == md5(f"{first}:{middle}:{second}")

    def _GetSystemDateAndTime(self, _: ElementTree.Element) -> str:
        now = self.now()
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>"
            "<tt:DateTimeType>NTP</tt:DateTimeType><tt:UTCDateTime>"
            f"<tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute>"
            f"<tt:Second>{now.second}</tt:Second></tt:Time><tt:Date><tt:Year>{now.year}</tt:Year>"
            f"<tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day></tt:Date>"
            "</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def _GetDeviceInformation(self, _: ElementTree.Element) -> str:
        return (
            "<tds:GetDeviceInformationResponse><tds:Manufacturer>Example</tds:Manufacturer>"
            "<tds:Model>DM-2</tds:Model><tds:FirmwareVersion>1</tds:FirmwareVersion>"
            "<tds:SerialNumber>7</tds:SerialNumber><tds:HardwareId>9</tds:HardwareId>"
            "</tds:GetDeviceInformationResponse>"
        )

    def _GetCapabilities(self, _: ElementTree.Element) -> str:
        address = f"http://{self.named_host}:{self.port}/onvif/media_service"
        return (
            "<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media>"
            f"<tt:XAddr>{address}</tt:XAddr></tt:Media></tds:Capabilities>"
            "</tds:GetCapabilitiesResponse>"
        )

    def _GetProfiles(self, _: ElementTree.Element) -> str:
        profiles = [
            PROFILE.format(token=token, name=name, codec=codec, width=width, height=height, fps=fps)
            for token, name, codec, width, height, fps, _ in self.streams
        ]
        return f"<trt:GetProfilesResponse>{''.join(profiles)}</trt:GetProfilesResponse>"

    def _GetStreamUri(self, envelope: ElementTree.Element) -> str:
        (token,) = (e.text for e in envelope.iter() if e.tag.endswith("}ProfileToken"))
        (address,) = (stream[6] for stream in self.streams if stream[0] == token)
        return (
            f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{address}</tt:Uri>"
            "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect></trt:MediaUri>"
            "</trt:GetStreamUriResponse>"
        )

    # --- discovery -----------------------------------------------------------------------

    def matches(self, probe: bytes) -> list[bytes]:
        """The datagrams that answer a probe; none to what asks for something else."""
        envelope = ElementTree.fromstring(probe)
        said = {found.tag.rpartition("}")[2]: found.text or "" for found in envelope.iter()}
        if "NetworkVideoTransmitter" not in said.get("Types", ""):
            return []
        if self.garbage is not None:
            return [self.garbage.encode()]
        match = MATCH.format(
            message=uuid.uuid4(),
            relates=said["MessageID"],
            id=self.id,
            name=self.name,
            addresses=" ".join((*self.others, self.address)),
        )
        return [match.encode()] * self.times_answered


class _Ears(asyncio.DatagramProtocol):
    def __init__(self, camera: OnvifCamera) -> None:
        self._camera = camera

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        for match in self._camera.matches(data):
            self._transport.sendto(match, address)


@asynccontextmanager
async def serve(camera: OnvifCamera) -> AsyncIterator[OnvifCamera]:
    """The camera on its network: of this machine alone, where nothing else is said."""
    app = web.Application()
    app.router.add_post("/onvif/device_service", camera.soap)
    app.router.add_post("/onvif/media_service", camera.soap)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, camera.host, 0)
    await site.start()
    camera.port = runner.addresses[0][1]
    ears = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ears.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    ears.bind(("", PORT))
    membership = socket.inet_aton(GROUP) + socket.inet_aton(camera.host)
    ears.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    ears.setblocking(False)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Ears(camera), sock=ears)
    try:
        yield camera
    finally:
        transport.close()
        await runner.cleanup()
