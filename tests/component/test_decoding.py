"""Codes are drawn here, spoiled in the ways of a counter, and read back."""

from __future__ import annotations

import numpy as np
import pytest
import zxingcpp

from edge.domain import Symbology
from edge.scanner.decoding import decode
from edge.scanner.reading import Picture

BUDGET_S = 5.0  # enough for every look on a busy machine; nothing here asserts a duration


def drawn(text: str, kind: zxingcpp.BarcodeFormat, scale: int = 4) -> Picture:
    code = zxingcpp.create_barcode(text, kind)
    return np.asarray(code.to_image(scale=scale, add_quiet_zones=True), np.uint8)


@pytest.mark.parametrize(
    ("kind", "text", "symbology", "aim_id"),
    [
        (zxingcpp.QRCode, "hello", Symbology.QR, "]Q1"),
        (zxingcpp.DataMatrix, "hello", Symbology.DATA_MATRIX, "]d1"),
        (zxingcpp.Aztec, "hello", Symbology.AZTEC, "]z0"),
        (zxingcpp.PDF417, "hello, world", Symbology.PDF417, "]L2"),
        (zxingcpp.EAN13, "4006381333931", Symbology.EAN_13, "]E0"),
        (zxingcpp.EAN8, "96385074", Symbology.EAN_8, "]E4"),
        (zxingcpp.Code128, "A-17", Symbology.CODE_128, "]C0"),
        (zxingcpp.Code39, "SHELF 7", Symbology.CODE_39, "]A0"),
        (zxingcpp.ITF, "04006381333931", Symbology.ITF, "]I0"),
    ],
)
def test_a_code_says_its_text_its_symbology_and_its_aim_identifier(
    kind: zxingcpp.BarcodeFormat, text: str, symbology: Symbology, aim_id: str
) -> None:
    (reading,) = decode(drawn(text, kind), BUDGET_S)
    assert (reading.text, reading.symbology) == (text, symbology)
    assert reading.aim_id[:2] == aim_id[:2]


def test_an_empty_picture_says_nothing() -> None:
    assert decode(np.full((240, 320), 255, np.uint8), BUDGET_S) == ()
