"""The work behind ``regulars vouchers``, on the shop's store."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from edge.app import utc_now
from edge.cli import voucher_reports as reports
from edge.cli.console import Report, done, progress
from edge.clienteling_api import voucher_mapping
from edge.config import Config
from edge.domain import Campaign, Language, Refusal
from edge.errors import BadRequest, Conflict, NotFound
from edge.flows.issuing import Issuing
from edge.flows.settlement import settle
from edge.flows.voucher_keys import VoucherKeys
from edge.flows.vouchers import Life, find_voucher, life_of
from edge.rules.issuing import Press
from edge.sheets import pdf, table
from edge.store import Reader, Store

PDF = ".pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a person at the console works with."""

    shop: Config
    store: Store
    issuing: Issuing
    keys: VoucherKeys


@asynccontextmanager
async def _desk(shop: Config) -> AsyncIterator[Desk]:
    actor = f"console: {getpass.getuser()}"
    async with Store.open(Path(shop.store.state_dir), utc_now) as store:
        yield Desk(
            shop=shop,
            store=store,
            issuing=Issuing(store, utc_now, actor),
            keys=VoucherKeys(store, utc_now, actor),
        )


def demand_free(out: Path) -> None:
    """Raises ``BadRequest`` or ``Conflict`` for a file that cannot be made."""
    if out.suffix not in (".csv", PDF):
        raise BadRequest(f"{out} is neither .csv nor .pdf; name one of them")
    if out.exists():
        raise Conflict(f"{out} is there already; choose another name")
    if not out.parent.is_dir():
        raise NotFound(f"there is no folder {out.parent}")


# --- campaigns -----------------------------------------------------------------------------


async def create(shop: Config, campaign: Campaign) -> None:
    async with _desk(shop) as desk:
        await desk.issuing.create(campaign)


async def end(shop: Config, campaign_id: str) -> None:
    async with _desk(shop) as desk:
        await desk.issuing.end(campaign_id)


async def issue(
    shop: Config,
    campaign_id: str,
    count: int,
    channel: str,
    members: Path | None,
    out: Path,
    language: Language | None,
) -> None:
    if out.suffix == PDF and members is None and count > pdf.SHEETS_MAX:
        raise BadRequest(f"a PDF holds {pdf.SHEETS_MAX:,} vouchers at most; take .csv")
    holders = _lines(members) if members else []
    async with _desk(shop) as desk:
        batch = await desk.issuing.begin(campaign_id, count, channel, holders)
        press = await desk.issuing.press(batch.id)
        await _write(desk, press, out, 0, batch.count, language)
        await desk.issuing.written(batch.id)
    done(f"{batch.count:,} vouchers of {campaign_id} are in {out}; their batch is {batch.id}")


async def export(
    shop: Config,
    batch_id: str,
    out: Path,
    first: int,
    count: int | None,
    language: Language | None,
) -> None:
    async with _desk(shop) as desk:
        press = await desk.issuing.press(batch_id)
        wanted = press.batch.count - first + 1 if count is None else count
        if wanted < 1 or first - 1 + wanted > press.batch.count:
            raise BadRequest(f"the batch has {press.batch.count:,} vouchers; ask for some of them")
        if out.suffix != PDF and wanted != press.batch.count:
            raise BadRequest("a CSV holds the whole batch; leave --first and --count out")
        if out.suffix == PDF and wanted > pdf.SHEETS_MAX:
            raise BadRequest(f"a PDF holds {pdf.SHEETS_MAX:,} vouchers at most; give --count")
        await _write(desk, press, out, first - 1, wanted, language)
        if wanted == press.batch.count:
            await desk.issuing.written(batch_id)
    done(f"{wanted:,} vouchers are in {out}")


async def word(shop: Config, campaign_id: str, code: str, channel: str) -> None:
    async with _desk(shop) as desk:
        await desk.issuing.word(campaign_id, code, channel)


async def list_campaigns(shop: Config, *, as_json: bool) -> None:
    def question(reader: Reader) -> list[reports.Listed]:
        return [(c, reader.vouchers.batches(c.id)) for c in reader.vouchers.campaigns()]

    async with _desk(shop) as desk:
        reports.show_campaigns(await desk.store.read(question), as_json=as_json)


# --- reports -------------------------------------------------------------------------------


async def report(shop: Config, campaign_id: str, *, as_json: bool, as_csv: bool) -> None:
    tz = ZoneInfo(shop.store.timezone)
    async with _desk(shop) as desk:
        settled = await desk.store.read(lambda reader: settle(reader, campaign_id, tz))
    reports.show_settlement(settled, as_json=as_json, as_csv=as_csv)


async def life(shop: Config, code: str, *, as_json: bool) -> None:
    def question(reader: Reader) -> Life | None:
        found = find_voucher(reader, code)
        return life_of(reader, code if isinstance(found, Refusal) else found.id)

    async with _desk(shop) as desk:
        lived = await desk.store.read(question)
    if lived is None:
        raise NotFound("nobody here has heard of this voucher; check its code")
    reports.show_life(voucher_mapping.life(lived, shop.store.id), shop, as_json=as_json)


# --- keys ----------------------------------------------------------------------------------


async def keys(shop: Config, *, as_json: bool) -> None:
    async with _desk(shop) as desk:
        reports.show_keys(await desk.keys.all(), as_json=as_json)


async def rotate(shop: Config) -> str:
    async with _desk(shop) as desk:
        return (await desk.keys.rotate()).id


async def revoke(shop: Config, key_id: str) -> None:
    async with _desk(shop) as desk:
        await desk.keys.revoke(key_id)


# --- files ---------------------------------------------------------------------------------


async def _write(
    desk: Desk, press: Press, out: Path, start: int, count: int, language: Language | None
) -> None:
    with progress() as show:
        if out.suffix == PDF:
            await asyncio.to_thread(
                pdf.write,
                press,
                out,
                _drawn(show),
                start=start,
                count=count,
                shop=desk.shop.store.name,
                language=language or desk.shop.store.language,
                tz=ZoneInfo(desk.shop.store.timezone),
            )
        else:
            await asyncio.to_thread(table.write, press, out, _drawn(show))


def _drawn(show: Report) -> Callable[[int, int], None]:
    return lambda made, of: show("Vouchers", made, of)


def _lines(file: Path) -> list[str]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequest(f"{file} cannot be read as text") from error
    return [line.strip() for line in text.splitlines() if line.strip()]
