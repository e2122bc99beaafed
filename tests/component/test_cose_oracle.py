"""Our COSE_Sign1 against another implementation, in both directions.

The golden messages were made by pycose 1.1 and are always read. Where ``make oracle`` has put
pycose into an environment of its own (it wants an older cbor2 than we do), new ones are made.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.rules import cose

PROJECT = Path(__file__).parents[2]
ORACLE = PROJECT / ".venv-oracle" / "bin" / "python"
GOLDEN = json.loads((PROJECT / "tests" / "golden" / "cose.json").read_text())
KEY = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(GOLDEN["private"]))


@pytest.mark.parametrize("vector", GOLDEN["messages"], ids=lambda vector: vector["payload"][:12])
def test_what_pycose_signed_is_read_and_signed_alike(vector: dict[str, str]) -> None:
    theirs = bytes.fromhex(vector["message"])
    signed = cose.take_apart(theirs)
    assert signed.verify(KEY.public_key())
    assert signed.payload.hex() == vector["payload"]
    assert cose.sign(signed.payload, KEY, signed.key_id) == theirs


@pytest.mark.skipif(not ORACLE.exists(), reason="no oracle here: make oracle")
@given(st.lists(st.binary(max_size=200), min_size=20, max_size=20))
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_pycose_verifies_what_we_sign_and_signs_the_same(payloads: list[bytes]) -> None:
    ours = [cose.sign(payload, KEY, bytes(4)) for payload in payloads]
    request = {
        "private": GOLDEN["private"],
        "public": KEY.public_key().public_bytes_raw().hex(),
        "messages": [message.hex() for message in ours],
    }
    oracle = [str(ORACLE), str(PROJECT / "tests" / "oracle" / "cose.py")]
    done = subprocess.run(
        oracle, input=json.dumps(request), capture_output=True, text=True, check=True, timeout=300
    )
    for message, payload, answer in zip(ours, payloads, json.loads(done.stdout), strict=True):
        assert answer == {"verified": True, "payload": payload.hex(), "signed": message.hex()}
