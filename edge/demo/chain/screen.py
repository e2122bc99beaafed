"""The picture on the terminal."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from edge.demo.chain.watch import StoreSeen, Travel, Watch

_BARS = " ▁▂▃▄▅▆▇█"
_WIDTH = 20
_ALL_WITHDREW = "Everybody has withdrawn face matching; make clean lets it begin anew."
_STATUS = {
    "starting": ("starting", "dim"),
    "connecting": ("connecting", "yellow"),
    "catching_up": ("catching up", "yellow"),
    "in_line": ("in line", "green"),
    "down": ("away", "red"),
}


def picture(watch: Watch) -> RenderableType:
    """Everything that is seen of the chain."""
    parts = [_head(watch), _stores(watch.stores), _travels(watch), _foot(watch)]
    return Padding(Group(*parts), (1, 2))


def _head(watch: Watch) -> RenderableType:
    running = timedelta(seconds=int(time.monotonic() - watch.began))
    head = Table.grid(expand=True)
    head.add_column()
    head.add_column(justify="right")
    told = sum(store.told for store in watch.stores)
    rate = sum(store.events_per_s for store in watch.stores)
    head.add_row(
        Text.assemble(("Regulars", "bold"), "  a chain on this machine"),
        Text(f"{told:,} messages at headquarters   {rate:.1f} a second   {running}", style="dim"),
    )
    return head


def _stores(stores: list[StoreSeen]) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, expand=True, header_style="dim", padding=(0, 1))
    table.add_column("Store", min_width=15)
    table.add_column("Line", min_width=24)
    table.add_column("Waiting for headquarters", min_width=_WIDTH + 6)
    table.add_column("Last contact", justify="right")
    table.add_column("Events/s", justify="right")
    table.add_column("Told", justify="right")
    for store in stores:
        table.add_row(
            Text(store.shop.name, style="bold"),
            _line(store),
            _waiting(store),
            _ago(store.heard_at),
            f"{store.events_per_s:.1f}",
            f"{store.told:,}",
        )
    return table


def _line(store: StoreSeen) -> Text:
    words, colour = _STATUS[store.status]
    if store.is_cut and store.heals_at is not None:
        left = max(0, round(store.heals_at - time.monotonic()))
        words, colour = f"cut, heals in {left} s", "red"
    elif store.status == "down" and store.cord is not None:
        words, colour = "tries again soon", "yellow"
    mark = "○" if colour == "red" else "●"
    return Text.assemble((f"{mark} ", colour), f"{store.shop.transport:<6}", (words, colour))


def _waiting(store: StoreSeen) -> Text:
    most = max(8, *store.waited) if store.waited else 8
    lately = list(store.waited)[-_WIDTH:]
    bars = "".join(_BARS[-(-n * (len(_BARS) - 1) // most)] for n in lately)
    style = "yellow" if store.waiting else "green"
    return Text.assemble((f"{bars:>{_WIDTH}}", style), f" {store.waiting:>4,}")


def _ago(at: datetime | None) -> str:
    return "-" if at is None else f"{max(0.0, (datetime.now(UTC) - at).total_seconds()):.1f} s ago"


def _travels(watch: Watch) -> RenderableType:
    if not watch.travels:
        words = _ALL_WITHDREW if watch.all_withdrew else "Withdrawals will travel here in a moment."
        return Text(f"  {words}\n", style="dim")
    table = Table(box=box.SIMPLE_HEAD, expand=True, header_style="dim", padding=(0, 1))
    table.caption = _ALL_WITHDREW if watch.all_withdrew else None
    table.add_column("Withdrew face matching", min_width=22)
    table.add_column("At the till of")
    for store in watch.stores:
        table.add_column(store.shop.name, justify="right")
    for travel in reversed(watch.travels):
        name = Text.assemble(f"{travel.at.astimezone():%H:%M:%S}  ", travel.name)
        reached = [_reached(travel, store) for store in watch.stores]
        table.add_row(name, travel.shop.name, *reached)
    return table


def _reached(travel: Travel, store: StoreSeen) -> Text:
    took = travel.reached.get(store.shop.id)
    if took is not None:
        return Text(f"{took:.2f} s", style="green")
    if store.is_cut:
        return Text("line is cut", style="red")
    return Text(f"{time.monotonic() - travel.began:.0f} s …", style="yellow")


def _foot(watch: Watch) -> RenderableType:
    return Padding(
        Text.assemble(
            "The merchant's pages, by a link that works once:\n",
            (f"{watch.pages}\n\n", "bold cyan"),
            ("Ctrl-C ends everything; the next start goes on from here.", "dim"),
        ),
        (0, 0, 0, 2),
    )
