"""The sizes that phones may send, in their usual spelling, as JSON Schema.

``rules.sizes`` decides, and takes other spellings (``42,5``) and rarer sizes too. What stands
here is always accepted, so that who reads the OpenAPI document need not guess.
"""

from __future__ import annotations

from edge.domain import Garment, SizeSystem

_SHOES = (Garment.SHOE,)
_CLOTHES = (Garment.TOP, Garment.BOTTOM)
_LETTERS = "X{0,3}S|M|X{0,3}L|[2-6]X[SL]"
_HEIGHT_GIRTH = "1[4-9][0-9]/([5-9][0-9]|1[0-4][0-9])[ABCY]?"
_WAIST_LENGTH = "([2-5][0-9]|60)/(2[4-9]|3[0-9]|40)"

PATTERNS: tuple[tuple[tuple[Garment, ...], tuple[SizeSystem, ...], str], ...] = (
    (_SHOES, (SizeSystem.EU, SizeSystem.CN), r"(1[5-9]|[2-4][0-9]|5[01])(\.5)?|52"),
    (_SHOES, (SizeSystem.US,), r"1?[0-9](\.5)?|20"),
    (_SHOES, (SizeSystem.UK,), r"([0-9]|1[0-7])(\.5)?|18"),
    (_SHOES, (SizeSystem.MM,), "9[0-9]|[12][0-9]{2}|3[0-3][0-9]|340"),
    (_CLOTHES, (SizeSystem.EU,), f"[3-6][0-9]|70|{_LETTERS}"),
    (_CLOTHES, (SizeSystem.US, SizeSystem.UK), f"[4-9]|[1-5][0-9]|60|{_LETTERS}"),
    (_CLOTHES, (SizeSystem.CN,), f"[89][0-9]|1[0-9]{{2}}|20[0-9]|{_LETTERS}|{_HEIGHT_GIRTH}"),
    (_CLOTHES, (SizeSystem.MM,), "[4-9][0-9]{2}|1[0-9]{3}|2000"),
    ((Garment.BOTTOM,), (SizeSystem.EU, SizeSystem.US, SizeSystem.UK), _WAIST_LENGTH),
)

SCHEMA: dict[str, object] = {
    "anyOf": [
        {
            "properties": {
                "garment": {"enum": garments},
                "system": {"enum": systems},
                "value": {"pattern": f"^({pattern})$"},
            }
        }
        for garments, systems, pattern in PATTERNS
    ]
}
