"""The sizes that phones may send, in their usual spelling, as JSON Schema.

``rules.sizes`` decides; it also takes other spellings (``42,5``). What stands here is what it
turns them into, so that who reads the OpenAPI document need not guess.
"""

from __future__ import annotations

from edge.domain import Garment, SizeSystem

_LETTERS = "X{0,3}S|M|X{0,3}L|[2-6]X[SL]"
_HEIGHT_GIRTH = "1[4-9][0-9]/([5-9][0-9]|1[0-4][0-9])[ABCY]?"
_WAIST_LENGTH = "([2-5][0-9]|60)/(2[4-9]|3[0-9]|40)"

PATTERNS: dict[tuple[Garment, SizeSystem], str] = {
    (Garment.SHOE, SizeSystem.EU): r"(1[5-9]|[2-4][0-9]|5[01])(\.5)?|52",
    (Garment.SHOE, SizeSystem.US): r"1?[0-9](\.5)?|20",
    (Garment.SHOE, SizeSystem.UK): r"([0-9]|1[0-7])(\.5)?|18",
    (Garment.SHOE, SizeSystem.CN): r"(1[5-9]|[2-4][0-9]|5[01])(\.5)?|52",
    (Garment.SHOE, SizeSystem.MM): "9[0-9]|[12][0-9]{2}|3[0-3][0-9]|340",
    (Garment.TOP, SizeSystem.EU): f"[3-6][0-9]|70|{_LETTERS}",
    (Garment.TOP, SizeSystem.US): f"[1-5]?[0-9]|60|{_LETTERS}",
    (Garment.TOP, SizeSystem.UK): f"[4-9]|[1-5][0-9]|60|{_LETTERS}",
    (Garment.TOP, SizeSystem.CN): f"[89][0-9]|1[0-9]{{2}}|20[0-9]|210|{_LETTERS}|{_HEIGHT_GIRTH}",
    (Garment.TOP, SizeSystem.MM): "[4-9][0-9]{2}|1[0-9]{3}|2000",
    (Garment.BOTTOM, SizeSystem.EU): f"[3-6][0-9]|70|{_LETTERS}|{_WAIST_LENGTH}",
    (Garment.BOTTOM, SizeSystem.US): f"[1-5]?[0-9]|60|{_LETTERS}|{_WAIST_LENGTH}",
    (Garment.BOTTOM, SizeSystem.UK): f"[4-9]|[1-5][0-9]|60|{_LETTERS}|{_WAIST_LENGTH}",
    (Garment.BOTTOM, SizeSystem.CN): (
        f"2[2-9]|[3-9][0-9]|1[0-9]{{2}}|20[0-9]|210|{_LETTERS}|{_HEIGHT_GIRTH}"
    ),
    (Garment.BOTTOM, SizeSystem.MM): "[4-9][0-9]{2}|1[0-9]{3}|2000",
}

SCHEMA: dict[str, object] = {
    "anyOf": [
        {
            "properties": {
                "garment": {"const": garment},
                "system": {"const": system},
                "value": {"pattern": f"^({pattern})$"},
            }
        }
        for (garment, system), pattern in PATTERNS.items()
    ]
}
