"""Campaigns, batches and keys: what is issued is found again, once, whatever broke off."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from component.counter import Counterpart, open_counter
from component.flows_shop import GUIDE
from component.store_values import a_member, put
from hypothesis import given
from hypothesis import strategies as st
from unit.voucher_values import NOON, PARIS, a_campaign, eur

from edge.domain import (
    Batch,
    Gift,
    Holder,
    Language,
    PercentOff,
    Reason,
    Window,
)
from edge.errors import BadRequest, Conflict, NotFound
from edge.flows.campaign_file import read_campaign
from edge.flows.issuing import Issuing
from edge.flows.settlement import settle
from edge.flows.voucher_keys import VoucherKeys
from edge.rules.issuing import Code, Press, codes
from edge.rules.terms import headline, terms
from edge.sheets import pdf, table

ANNA = a_member(id="anna", card_number="R-1001", phone="+49 171 5550123")
BEN = a_member(id="ben", card_number="R-1002", phone=None)
CAMPAIGN = a_campaign()


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counterpart]:
    async with open_counter(tmp_path / "state") as counter:
        await counter.store.write(put(ANNA, BEN))
        await desk(counter).create(CAMPAIGN)
        yield counter


def desk(counter: Counterpart) -> Issuing:
    return Issuing(counter.store, counter.clock, "console: test")


def keys(counter: Counterpart) -> VoucherKeys:
    return VoucherKeys(counter.store, counter.clock, "console: test")


async def issued(counter: Counterpart, count: int = 3, channel: str = "till") -> list[Code]:
    batch = await desk(counter).begin(CAMPAIGN.id, count, channel)
    made = list(codes(await desk(counter).press(batch.id), 0, count))
    await desk(counter).written(batch.id)
    return made


# --- batches -------------------------------------------------------------------------------


async def test_every_form_of_an_issued_voucher_is_redeemed_once(counter: Counterpart) -> None:
    by_text, by_digits, _ = await issued(counter)
    assert (await counter.used(by_text.text)).voucher_id == by_text.voucher_id
    assert (await counter.refused(by_text.digits)).reason is Reason.USED_UP
    assert (await counter.used(by_digits.digits)).voucher_id == by_digits.voucher_id
    assert (await counter.refused(by_digits.text)).reason is Reason.USED_UP


async def test_a_batch_that_broke_off_is_the_same_batch_again(counter: Counterpart) -> None:
    begun = await desk(counter).begin(CAMPAIGN.id, 5, "till")
    assert await desk(counter).begin(CAMPAIGN.id, 5, "till") == begun
    other = await desk(counter).begin(CAMPAIGN.id, 5, "flyer")
    await desk(counter).written(begun.id)
    after = await desk(counter).begin(CAMPAIGN.id, 5, "till")
    assert (begun.first_number, other.first_number, after.first_number) == (0, 5, 10)
    assert len({begun.id, other.id, after.id}) == 3


async def test_vouchers_of_members_are_theirs_in_both_forms(counter: Counterpart) -> None:
    await desk(counter).create(replace(CAMPAIGN, id="ours", holder=Holder.MEMBER))
    batch = await desk(counter).begin("ours", 1, "", ["R-1001", "R-1002", "+49 171 5550123"])
    made = list(codes(await desk(counter).press(batch.id), 0, batch.count))
    assert [code.member_id for code in made] == ["anna", "ben"]
    for form in (made[0].text, made[0].digits):
        assert (await counter.refused(form)).reason is Reason.NEEDS_MEMBER
        other = await counter.refused(form, member_code="R-1002")
        assert other.reason is Reason.OTHER_MEMBER
    assert await counter.used(made[0].digits, member_code="R-1001")


async def test_what_cannot_be_issued_is_refused_with_its_reason(counter: Counterpart) -> None:
    with pytest.raises(NotFound, match="create it first"):
        await desk(counter).begin("nothing", 1, "")
    with pytest.raises(BadRequest, match="by name"):
        await desk(counter).begin(CAMPAIGN.id, 1, "", ["R-1001"])
    with pytest.raises(Conflict, match="another id"):
        await desk(counter).create(CAMPAIGN)
    with pytest.raises(BadRequest, match="4 to 32"):
        await desk(counter).word(CAMPAIGN.id, "1234567890123456", "")
    await desk(counter).end(CAMPAIGN.id)
    with pytest.raises(Conflict, match="has ended"):
        await desk(counter).begin(CAMPAIGN.id, 1, "")


async def test_a_word_is_given_once_however_it_is_spelled(counter: Counterpart) -> None:
    await desk(counter).word(CAMPAIGN.id, "Sommer-26", "radio")
    with pytest.raises(Conflict, match="already has this code"):
        await desk(counter).word(CAMPAIGN.id, "SOMMER 26", "radio")
    assert await counter.used("sommer 26")


# --- keys ----------------------------------------------------------------------------------


async def test_old_keys_verify_after_a_rotation_and_a_revoked_one_does_not(
    counter: Counterpart,
) -> None:
    old, *_ = await issued(counter)
    key = await keys(counter).rotate()
    new, *_ = await issued(counter)
    assert await counter.used(old.text)
    assert await counter.used(new.text)
    await keys(counter).revoke(key.id)
    third = await counter.refused(new.text)
    assert third.reason is Reason.KEY_REVOKED
    states = {state.key.id: state for state in await keys(counter).all()}
    assert states[key.id].revoked_at is not None
    assert not any(state.signs for state in states.values())
    assert sum(state.vouchers for state in states.values()) == 6
    after, *_ = await issued(counter)
    assert await counter.used(after.text), "a new key is made where none signs"


async def test_a_revoked_key_cannot_write_its_batch_again(counter: Counterpart) -> None:
    await issued(counter)
    (state,) = await keys(counter).all()
    (batch,) = await counter.store.read(lambda reader: reader.vouchers.batches(CAMPAIGN.id))
    await keys(counter).revoke(state.key.id)
    with pytest.raises(Conflict, match="revoked"):
        await desk(counter).press(batch.id)


# --- reports -------------------------------------------------------------------------------


async def test_the_settlement_counts_what_stands_and_what_was_undone(counter: Counterpart) -> None:
    till = await issued(counter, 3, "till")
    flyer = await issued(counter, 2, "flyer")
    undone = await counter.used(till[0].text)
    await counter.redemptions.reverse(GUIDE, "u1", undone.id)
    await counter.used(till[1].digits)
    counter.clock.move(days=1)
    await counter.used(flyer[0].text)
    report = await counter.store.read(lambda reader: settle(reader, CAMPAIGN.id, PARIS))
    assert report.issued == {"till": 3, "flyer": 2}
    assert [
        (line.channel, (line.day - NOON.date()).days, line.redeemed, line.reversed, line.value)
        for line in sorted(report.lines, key=lambda line: line.day)
    ] == [("till", 0, 1, 1, 5), ("flyer", 1, 1, 0, 5)]


# --- files ---------------------------------------------------------------------------------


def a_press(count: int) -> Press:
    batch = Batch(
        id="cd" * 12,
        campaign_id=CAMPAIGN.id,
        first_number=100,
        count=count,
        channel="a, b",
        key_id="0badcafe",
        issued_at=NOON,
    )
    return Press(batch=batch, campaign=CAMPAIGN, private=bytes(32), digits_key=bytes(32))


def test_a_file_of_codes_torn_anywhere_is_finished_as_it_would_have_been(tmp_path: Path) -> None:
    press, whole = a_press(40), tmp_path / "whole.csv"
    table.write(press, whole, lambda made, of: None)
    content = whole.read_bytes()
    part = tmp_path / f"torn.csv.{press.batch.id}.part"
    for cut in (0, 7, 41, 42, 43, 400, len(content) // 2, len(content) - 1, len(content)):
        part.write_bytes(content[:cut])
        table.write(press, tmp_path / "torn.csv", lambda made, of: None)
        assert (tmp_path / "torn.csv").read_bytes() == content
    with whole.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["voucher_id"] for row in rows] == [press.batch.voucher_id(n) for n in range(40)]
    assert {row["channel"] for row in rows} == {"a, b"}


def test_a_batch_is_the_same_from_one_process_and_from_two(tmp_path: Path) -> None:
    press = a_press(2 * table.CHUNK + 1)
    for name, processes in (("one", 1), ("two", 2)):
        table.write(press, tmp_path / name, lambda made, of: None, processes=processes)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("language", list(Language))
def test_sheets_are_written_in_both_languages(tmp_path: Path, language: Language) -> None:
    told: list[tuple[int, int]] = []
    pdf.write(
        a_press(20),
        tmp_path / "sheet.pdf",
        lambda made, of: told.append((made, of)),
        start=3,
        count=17,
        shop="Eisdiele 冰淇淋",
        language=language,
        tz=PARIS,
    )
    written = (tmp_path / "sheet.pdf").read_bytes()
    assert written.startswith(b"%PDF")
    assert b"/Count 3" in written, "17 vouchers, eight a page"
    assert told[-1] == (17, 17)


@given(st.integers(0, 2**63).map(str))
def test_a_printed_code_is_of_version_nine_at_most(salt: str) -> None:
    for code in codes(replace_salt(a_press(1), salt), 0, 1):
        assert int(pdf.qr(code.text).version) <= 9


def replace_salt(press: Press, salt: str) -> Press:
    return replace(press, private=salt.encode().ljust(32)[:32])


def test_a_batch_killed_while_it_is_written_is_finished_by_the_same_command(
    tmp_path: Path,
) -> None:
    """SIGKILL in the middle, then once more: every number there, none twice, one batch."""
    shop = tmp_path / "shop.toml"
    shop.write_text(f'[store]\nid = "s"\nname = "S"\nstate_dir = "{tmp_path / "state"}"\n')
    file = tmp_path / "c.toml"
    file.write_text('id = "c"\nname = "C"\nvalue = { kind = "percent", percent = "10" }\n')
    run = [sys.executable, "-m", "edge", "vouchers", "campaign"]
    issue = [*run, "issue", "c", "-c", str(shop), "--count", "40000", "-o", str(tmp_path / "o.csv")]
    subprocess.run([*run, "create", str(file), "-c", str(shop)], check=True)
    process = subprocess.Popen(issue)
    until = time.monotonic() + 60
    while not any(part.stat().st_size > 2_000_000 for part in tmp_path.glob("o.csv.*.part")):
        assert time.monotonic() < until
        assert process.poll() is None, "it was to be killed before it is done"
        time.sleep(0.01)
    workers = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGKILL)
    process.wait()
    _, left = psutil.wait_procs(workers, timeout=30)
    assert not left, "no process stays behind with a key in its memory"
    assert not (tmp_path / "o.csv").exists()
    subprocess.run(issue, check=True)
    with (tmp_path / "o.csv").open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) == len({row["digits"] for row in rows}) == 40000
    listed = subprocess.run(
        [*run, "list", "-c", str(shop), "--json"], check=True, capture_output=True
    )
    (campaign,) = json.loads(listed.stdout)["campaigns"]
    assert len(campaign["batches"]) == 1


# --- campaigns on paper --------------------------------------------------------------------

PLAIN = 'id = "c"\nname = "C"\nvalue = { kind = "percent", percent = "10" }\n'


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ('colour = "red"', "colour"),
        ("uses = 0", "uses"),
        ("valid_from = 2026-01-01T00:00:00", "timezone"),
        ("valid_from = 2027-01-01T00:00:00Z\nvalid_until = 2026-01-01T00:00:00Z", "not after"),
        ('products = ["4006381333932"]', "check digit"),
        (f"stores = {json.dumps([f'store-{n:03}' for n in range(30)])}", "fewer stores"),
        ("window = { opens = 22:00:30, closes = 04:00:00 }", "whole minutes"),
        ("[", "Invalid"),
    ],
)
def test_a_campaign_that_makes_no_sense_is_refused(tmp_path: Path, more: str, message: str) -> None:
    (tmp_path / "c.toml").write_text(PLAIN + more + "\n")
    with pytest.raises(BadRequest, match=message):
        read_campaign(tmp_path / "c.toml", NOON)


def test_a_voucher_says_its_terms_in_the_words_of_both_languages() -> None:
    cone = a_campaign(
        value=PercentOff(percent=eur("12.5").amount, at_most=eur(20)),
        valid_from=datetime(2026, 3, 1, tzinfo=PARIS).astimezone(UTC),
        valid_until=datetime(2026, 4, 1, tzinfo=PARIS).astimezone(UTC),
        window=Window(opens=NOON.time().replace(hour=22), closes=NOON.time().replace(hour=4)),
        minimum=eur(50),
        per_member=2,
    )
    assert headline(cone.value, Language.ENGLISH) == "12.5 % off"
    assert terms(cone, Language.ENGLISH, PARIS) == [
        "Valid from 2026-03-01 to 2026-03-31",
        "Daily 22:00 – 04:00",
        "Stores: lyon-1",
        "With a member's card, 2 for each member at most",
        "At most EUR 20 off",
        "From a purchase of EUR 50",
        "Not together with other vouchers",
    ]
    chinese = terms(cone, Language.CHINESE, PARIS)
    assert len(chinese) == 7
    assert chinese[1] == "每日 22:00 – 04:00"
    assert headline(Gift(name="冰淇淋"), Language.CHINESE) == "赠：冰淇淋"


def test_a_voucher_that_ends_within_a_day_names_the_minute() -> None:
    brief = a_campaign(valid_until=NOON + timedelta(hours=1))
    assert terms(brief, Language.ENGLISH, PARIS)[0] == "Valid to 2026-03-01 13:00"
