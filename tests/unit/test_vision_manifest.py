"""The manifest of model files: complete, and strict about licences."""

from __future__ import annotations

import re
import typing

import pytest

from edge.config import INSIGHTFACE_LICENCE, RecognitionConfig
from edge.errors import ModelError
from edge.vision.models import check_licences, read_manifest


def test_every_pack_of_the_configuration_is_in_the_manifest() -> None:
    hints = typing.get_type_hints(RecognitionConfig)
    assert set(read_manifest().packs) == set(typing.get_args(hints["pack"]))


def test_every_file_can_be_verified_and_every_pack_is_calibrated() -> None:
    manifest = read_manifest()
    for file in manifest.files.values():
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert file.upstream is None or file.upstream.startswith("https://")
    for name, pack in manifest.packs.items():
        detector, embedder = manifest.files_of(name)
        assert (detector.task, embedder.task) == ("detection", "embedding")
        assert 0.2 < pack.calibration.threshold < 0.8
        assert "FPIR" in pack.calibration.measured


def test_templates_of_two_packs_can_be_told_apart() -> None:
    models = [pack.model for pack in read_manifest().packs.values()]
    assert len(models) == len(set(models))


def test_default_pack_may_be_used_in_a_shop() -> None:
    manifest = read_manifest()
    assert all(file.commercial_use for file in manifest.files_of(RecognitionConfig().pack))
    check_licences(manifest, RecognitionConfig().pack, [])


def test_non_commercial_files_need_their_licence_accepted_by_name() -> None:
    manifest = read_manifest()
    for file in manifest.files.values():
        assert file.commercial_use == (file.licence_to_accept is None)
    with pytest.raises(ModelError, match=f'add "{INSIGHTFACE_LICENCE}"'):
        check_licences(manifest, "insightface", ["MIT"])
    check_licences(manifest, "insightface", [INSIGHTFACE_LICENCE])


def test_unknown_pack_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ModelError, match=r"choose one of insightface, yunet-sface"):
        read_manifest().pack("yunet")


def test_files_against_presentation_attacks_are_complete_and_free_for_a_shop() -> None:
    manifest = read_manifest()
    for file in manifest.attack_files():
        assert file.task == "presentation_attack_detection"
        assert file.commercial_use
        assert file.input.size_px
        assert file.input.crop
        assert file.upstream
    assert 0.0 < manifest.presentation_attack.calibration.threshold < 1.0
    assert "APCER" in manifest.presentation_attack.calibration.measured
