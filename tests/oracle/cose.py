"""Run by an interpreter that has ``pycose``: read vectors, verify and sign them, answer as JSON.

It shares no line with the program: what it knows of COSE is pycose's own.
"""

from __future__ import annotations

import json
import sys

from pycose.algorithms import EdDSA
from pycose.headers import KID, Algorithm
from pycose.keys import OKPKey
from pycose.keys.curves import Ed25519
from pycose.messages import CoseMessage, Sign1Message

request = json.load(sys.stdin)
key = OKPKey(crv=Ed25519, d=bytes.fromhex(request["private"]), x=bytes.fromhex(request["public"]))
answers = []
for hexadecimal in request["messages"]:
    theirs = CoseMessage.decode(bytes.fromhex(hexadecimal))
    theirs.key = key
    ours = Sign1Message(
        phdr={Algorithm: EdDSA, KID: theirs.phdr[KID]}, uhdr={}, payload=theirs.payload
    )
    ours.key = key
    answers.append(
        {
            "verified": theirs.verify_signature(),
            "payload": theirs.payload.hex(),
            "signed": ours.encode().hex(),
        }
    )
json.dump(answers, sys.stdout)
