"""A phone of the shop, to a booted machine: plain HTTPS from outside, through its firewall."""

from __future__ import annotations

import http.client
import json
import re
import ssl
from dataclasses import dataclass, replace
from typing import Any

from provisioning.booted import Booted

Json = dict[str, Any]
ANSWERS_S = 60


@dataclass(frozen=True, slots=True)
class Phone:
    """Trusts the machine's own authority, and nobody else."""

    door: tuple[str, int]
    trusted: ssl.SSLContext
    token: str = ""

    def ask(self, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
        """The status and the body of an answer. Raises ``OSError`` where nobody answers."""
        line = http.client.HTTPSConnection(*self.door, context=self.trusted, timeout=ANSWERS_S)
        try:
            sent = None if body is None else json.dumps(body)
            headers = {"Content-Type": "application/json"}
            if self.token:
                headers["Authorization"] = f"Bearer {self.token}"
            line.request(method, f"/api/v1{path}", sent, headers)
            answer = line.getresponse()
            said = answer.read()
            return answer.status, json.loads(said) if said else {}
        finally:
            line.close()

    def has(self, method: str, path: str, body: Json | None = None) -> Json:
        """The body of an answer that must be good."""
        status, said = self.ask(method, path, body)
        assert status < http.client.BAD_REQUEST, said
        return said


def paired(machine: Booted, name: str, role: str) -> Phone:
    """A phone paired as a technician does it, by what ``regulars pair`` prints on the console."""
    said = machine.ok(f"regulars pair --name {name} --role {role}", within_s=120)
    assert "█" in said, "no QR to scan"
    code = re.search(r"https://\S+:8443/pair#(\w+)", said)
    assert code is not None, said
    phone = stranger(machine)
    answer = phone.has("POST", "/pair", {"code": code[1], "device": "test"})
    return replace(phone, token=str(answer["token"]))


def stranger(machine: Booted) -> Phone:
    """A phone that was not paired."""
    authority = machine.ok("cat /var/lib/regulars/tls/authority.pem")
    return Phone(machine.door, ssl.create_default_context(cadata=authority))
