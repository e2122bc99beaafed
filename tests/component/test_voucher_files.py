"""Codes in files and on paper, campaigns as they are written, terms as they are read."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.voucher_values import NOON, PARIS, a_campaign, eur

from edge.domain import (
    Batch,
    Gift,
    Language,
    PercentOff,
    Window,
)
from edge.errors import BadRequest
from edge.flows.campaign_file import read_campaign
from edge.rules.issuing import Press, codes
from edge.rules.terms import headline, terms
from edge.sheets import pdf, table

CAMPAIGN = a_campaign()


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


UP_TO_THE_MIDDLE = """
import threading
from edge.cli import main
from edge.sheets import table

write = table.write

def up_to_the_middle(press, path, report, **more):
    def tell(made, of):
        report(made, of)
        if made >= of / 2:
            print("in the middle", flush=True)
            threading.Event().wait()
    write(press, path, tell, **more)

table.write = up_to_the_middle
main()
"""


def test_a_batch_killed_while_it_is_written_is_finished_by_the_same_command(
    tmp_path: Path,
) -> None:
    """SIGKILL in the middle, then once more: every number there, none twice, one batch."""
    shop = tmp_path / "shop.toml"
    shop.write_text(f'[store]\nid = "s"\nname = "S"\nstate_dir = "{tmp_path / "state"}"\n')
    file = tmp_path / "c.toml"
    file.write_text('id = "c"\nname = "C"\nvalue = { kind = "percent", percent = "10" }\n')
    run = [sys.executable, "-m", "edge", "vouchers", "campaign"]
    words = ["issue", "c", "-c", str(shop), "--count", "40000", "-o", str(tmp_path / "o.csv")]
    subprocess.run([*run, "create", str(file), "-c", str(shop)], check=True)
    torn = [sys.executable, "-c", UP_TO_THE_MIDDLE, *run[3:], *words]
    with subprocess.Popen(torn, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "in the middle\n" in process.stdout
        workers = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
    _, left = psutil.wait_procs(workers, timeout=30)
    assert not left, "no process stays behind with a key in its memory"
    assert not (tmp_path / "o.csv").exists()
    subprocess.run([*run, *words], check=True)
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
