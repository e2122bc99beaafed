"""A claim file is what headquarters signed, to the last byte, or it is nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.contract import ClaimedStore, StoreClaim
from edge.contract.store_claim import CLAIM_BYTES, ClaimedCamera
from edge.domain import ClaimFault
from edge.errors import ClaimRefused
from edge.rules.store_claim import authority_of, check_shop, open_claim, settings_of
from hq import authority
from hq.claims import making

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
STORE = ClaimedStore(
    id="lyon-1",
    name='Lyon "Bellecour" 里昂',
    profile="eu",
    cameras=(ClaimedCamera(id="door", source="rtsp://u:p@192.0.2.7/live"),),
)


class Books:
    """The books of a headquarters that has no store and no claim yet."""

    async def execute(self, *_: object) -> str:
        return ""

    async def fetchval(self, *_: object) -> None:
        return None

    async def executemany(self, *_: object) -> None:
        return None


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hq") / "authority"
    authority.make_authority(folder, "127.0.0.1")
    return folder


@pytest.fixture(scope="module")
def file(chain: Path) -> bytes:
    address = "https://hq.example:9443"
    terms = making.Terms(admissions=address, url=address, expires_at=NOW + timedelta(days=1))
    made = asyncio.run(making.make(Books(), chain, [STORE], terms, NOW))  # type: ignore[arg-type]
    return made[0].file


def test_what_headquarters_signed_is_what_the_gateway_reads(chain: Path, file: bytes) -> None:
    claim = open_claim(file, NOW)
    assert claim.store == STORE
    assert authority_of(claim) == authority.fingerprint_of(chain)
    setup = settings_of(claim, "/credentials")
    assert (setup.store_id, setup.privacy_profile) == ("lyon-1", "eu")
    assert setup.sign_confirmed_on is None, "a person has to see the sign"
    assert setup.scanners is None, "what the claim does not name stays as it is"


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # where that is the byte
@given(st.data())
def test_one_byte_changed_and_it_is_refused(file: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(file) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != file[at]))
    with pytest.raises(ClaimRefused):
        open_claim(file[:at] + bytes([other]) + file[at + 1 :], NOW)


@given(st.binary(max_size=300))
def test_garbage_is_refused(garbage: bytes) -> None:
    with pytest.raises(ClaimRefused):
        open_claim(garbage, NOW)
    with pytest.raises(ClaimRefused):
        open_claim(garbage + b"# signature: AAAA\n", NOW)


def test_another_authority_cannot_sign_in_its_name(
    chain: Path, file: bytes, tmp_path: Path
) -> None:
    authority.make_authority(tmp_path / "other", "127.0.0.1")
    body = file.rpartition(b"# signature: ")[0].replace(b"Lyon", b"Nice")
    forged = making.with_signature(body, authority.sign(tmp_path / "other", body))
    with pytest.raises(ClaimRefused, match="was changed"):
        open_claim(forged, NOW)


def test_it_is_over_when_it_says(file: bytes) -> None:
    assert isinstance(open_claim(file, NOW + timedelta(hours=23)), StoreClaim)
    with pytest.raises(ClaimRefused, match="is over since"):
        open_claim(file, NOW + timedelta(days=1))


def test_more_than_a_claim_may_hold_is_refused(file: bytes) -> None:
    with pytest.raises(ClaimRefused):
        open_claim(b"#" * CLAIM_BYTES + b"\n" + file, NOW)


@given(st.sampled_from(["lyon-1", "lyon-2", "shop"]), st.integers(0, 200_000))
def test_only_a_shop_without_members_becomes_another_store(
    file: bytes, store_id: str, members: int
) -> None:
    claim = open_claim(file, NOW)
    if members == 0 or store_id == claim.store.id:
        check_shop(claim, store_id, members)
    else:
        with pytest.raises(ClaimRefused, match=f"a claim of {store_id}") as refused:
            check_shop(claim, store_id, members)
        assert refused.value.fault is ClaimFault.OTHER_STORE
