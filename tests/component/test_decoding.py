"""Codes are drawn here, spoiled in the ways of a counter, and read back."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import zxingcpp

from edge.domain import Symbology
from edge.scanner.decoding import decode
from edge.scanner.reading import Picture

BUDGET_S = 60.0  # enough for every look on a busy machine; nothing here asserts a duration


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


def turned(picture: Picture, degrees: float) -> Picture:
    height, width = picture.shape
    side = int(np.hypot(height, width)) + 20
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    matrix[:, 2] += (side - width) / 2, (side - height) / 2
    return np.asarray(cv2.warpAffine(picture, matrix, (side, side), borderValue=255.0), np.uint8)


def noisy(picture: Picture) -> Picture:
    noise = np.random.default_rng(1).normal(0, 25, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def glaring(picture: Picture) -> Picture:
    light = np.linspace(0, 170, picture.shape[1])[None]
    return np.clip(picture * 0.35 + light, 0, 255).astype(np.uint8)


SPOILED = {
    "inverted": lambda p: (255 - p).astype(np.uint8),
    "upside down": lambda p: np.ascontiguousarray(p[::-1, ::-1]),
    "on its side": lambda p: np.ascontiguousarray(p.T[::-1]),
    "turned a little": lambda p: turned(p, 12),
    "blurred": lambda p: np.asarray(cv2.GaussianBlur(p, (0, 0), 2.0), np.uint8),
    "noisy": noisy,
    "under glare": glaring,
    "in colour": lambda p: np.repeat(p[:, :, None], 3, axis=2),
    "large": lambda p: np.asarray(cv2.resize(p, (2600, 2000)), np.uint8),
}


@pytest.mark.parametrize("way", SPOILED)
@pytest.mark.parametrize("kind", [zxingcpp.QRCode, zxingcpp.EAN13])
def test_a_spoiled_code_is_read_all_the_same(way: str, kind: zxingcpp.BarcodeFormat) -> None:
    text = "4006381333931"
    (reading,) = decode(SPOILED[way](drawn(text, kind)), BUDGET_S)
    assert reading.text == text


def test_several_codes_in_a_picture_are_each_told_with_their_place() -> None:
    left, right = drawn("first", zxingcpp.QRCode), drawn("96385074", zxingcpp.EAN8)
    picture = np.full((280, 720), 255, np.uint8)
    picture[20 : 20 + left.shape[0], 20 : 20 + left.shape[1]] = left
    picture[20 : 20 + right.shape[0], 360 : 360 + right.shape[1]] = right
    found = {reading.text: reading for reading in decode(picture, BUDGET_S)}
    assert found.keys() == {"first", "96385074"}
    assert all(x < 240 for x, _ in found["first"].corners)
    assert all(x > 340 for x, _ in found["96385074"].corners)


def test_a_gs1_code_keeps_its_separators_and_says_what_it_is() -> None:
    made = zxingcpp.create_barcode(
        "(01)04006381333931(10)B7(17)261130", zxingcpp.DataMatrix, gs1=True
    )
    picture = np.asarray(made.to_image(scale=4, add_quiet_zones=True), np.uint8)
    (reading,) = decode(picture, BUDGET_S)
    assert (reading.text, reading.aim_id) == ("010400638133393110B7\x1d17261130", "]d2")


@pytest.mark.parametrize("shape", [(1, 1), (1, 100), (100, 1), (3, 3), (2, 700)])
def test_a_picture_too_small_for_a_code_says_nothing(shape: tuple[int, int]) -> None:
    assert decode(np.zeros(shape, np.uint8), BUDGET_S) == ()


def test_noise_says_nothing() -> None:
    noise = np.random.default_rng(7).integers(0, 256, (200, 300), dtype=np.uint8)
    assert decode(noise, BUDGET_S) == ()
