"""Network cameras as ONVIF describes them: found on the network, asked what streams they have.

discovery   WS-Discovery: a question to everybody, answers from cameras
device      one camera's answers: its clock, its media service, its profiles and their streams
soap        a question and its answer as SOAP over HTTP, signed with WS-UsernameToken
xml         what a stranger sent, read without trusting it

Only what setting up a shop needs; a library for all of ONVIF weighs more than the cameras do.
"""

from __future__ import annotations

from edge.onvif.device import Device, Stream, look
from edge.onvif.discovery import Found, discover
from edge.onvif.soap import Credentials

__all__ = ["Credentials", "Device", "Found", "Stream", "discover", "look"]
