"""The first reader: zxing-cpp, in our words.

Formats without a use in a shop (Telepen, film edges) are not looked for: each costs time and
may see itself where it is not.
"""

from __future__ import annotations

import zxingcpp

from edge.domain import Symbology
from edge.scanner.reading import Picture, Reading

_SYMBOLOGIES: dict[zxingcpp.BarcodeFormat, Symbology] = {
    zxingcpp.QRCode: Symbology.QR,
    zxingcpp.QRCodeModel1: Symbology.QR,
    zxingcpp.QRCodeModel2: Symbology.QR,
    zxingcpp.MicroQRCode: Symbology.MICRO_QR,
    zxingcpp.RMQRCode: Symbology.RMQR,
    zxingcpp.DataMatrix: Symbology.DATA_MATRIX,
    zxingcpp.Aztec: Symbology.AZTEC,
    zxingcpp.AztecCode: Symbology.AZTEC,
    zxingcpp.AztecRune: Symbology.AZTEC,
    zxingcpp.PDF417: Symbology.PDF417,
    zxingcpp.CompactPDF417: Symbology.PDF417,
    zxingcpp.MicroPDF417: Symbology.MICRO_PDF417,
    zxingcpp.MaxiCode: Symbology.MAXICODE,
    zxingcpp.EAN13: Symbology.EAN_13,
    zxingcpp.ISBN: Symbology.EAN_13,
    zxingcpp.EAN8: Symbology.EAN_8,
    zxingcpp.UPCA: Symbology.UPC_A,
    zxingcpp.UPCE: Symbology.UPC_E,
    zxingcpp.Code39: Symbology.CODE_39,
    zxingcpp.Code39Std: Symbology.CODE_39,
    zxingcpp.Code39Ext: Symbology.CODE_39,
    zxingcpp.Code32: Symbology.CODE_39,
    zxingcpp.PZN: Symbology.CODE_39,
    zxingcpp.Code93: Symbology.CODE_93,
    zxingcpp.Code128: Symbology.CODE_128,
    zxingcpp.ITF: Symbology.ITF,
    zxingcpp.ITF14: Symbology.ITF,
    zxingcpp.Codabar: Symbology.CODABAR,
    zxingcpp.DataBar: Symbology.DATABAR,
    zxingcpp.DataBarOmni: Symbology.DATABAR,
    zxingcpp.DataBarStk: Symbology.DATABAR,
    zxingcpp.DataBarStkOmni: Symbology.DATABAR,
    zxingcpp.DataBarExp: Symbology.DATABAR_EXPANDED,
    zxingcpp.DataBarExpStk: Symbology.DATABAR_EXPANDED,
    zxingcpp.DataBarLtd: Symbology.DATABAR_LIMITED,
}

_WANTED = zxingcpp.barcode_formats_from_str(
    "QRCode,MicroQRCode,RMQRCode,DataMatrix,Aztec,PDF417,MicroPDF417,MaxiCode,EAN-13,EAN-8,"
    "UPC-A,UPC-E,Code39,Code93,Code128,ITF,Codabar,DataBar,DataBarExp,DataBarLtd"
)


def read(picture: Picture) -> list[Reading]:
    """Every code that zxing-cpp finds in one pass, in whatever direction, dark or light."""
    found = zxingcpp.read_barcodes(
        picture,
        formats=_WANTED,
        text_mode=zxingcpp.TextMode.Plain,
        ean_add_on_symbol=zxingcpp.EanAddOnSymbol.Read,
    )
    return [_reading(code) for code in found if code.format in _SYMBOLOGIES]


def _reading(code: zxingcpp.Barcode) -> Reading:
    place = code.position
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    return Reading(
        text=code.text,
        raw=code.bytes,
        symbology=_SYMBOLOGIES[code.format],
        aim_id=code.symbology_identifier,
        corners=tuple((point.x, point.y) for point in corners),
        reader="zxing",
    )
