"""A walk through every screen of the app, for whoever wants to look at them all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from e2e.counter import BIG, CONE, LOAFERS, REGULAR, WELCOME, furnish, wedge
from e2e.line import catch_up, caught_up, hear_who_withdrew, hold_back, lose, wait_for_the_line
from e2e.shop import ANNA, CHEN, COLLEAGUE, GRACE, MATTEO
from e2e.visitor import Visitor
from playwright.async_api import expect

from edge.domain import AttackSeen, Language, Role


class Tour(Visitor):
    """Leads a phone through the screens; each stop has a name."""

    async def stops(self) -> AsyncIterator[str]:
        """Every screen in turn, by its name; the phone shows it while it is yielded."""
        for part in (
            self._pairing,
            self._resting,
            self._store,
            self._card,
            self._enrollment,
            self._scan,
            self._members,
            self._shop,
            self._headquarters,
            self._end,
        ):
            async for stop in part():
                yield stop

    async def _pairing(self) -> AsyncIterator[str]:
        page = self.phone.page
        await page.goto(self.shop.url)
        await self.part("#pairing").wait_for()
        if self.language is Language.CHINESE:
            await page.get_by_role("button", name="中文").click()
        yield "pairing"
        await self.tap("pair.trust")
        await self.part(".fingerprint").wait_for()
        yield "trust"
        await page.goto(f"{self.shop.url}/pair#{await self.shop.invite(Role.MANAGER)}")
        yield "pairing-by-qr"
        await self.tap("pair.go")
        await self.part(".empty").wait_for()
        yield "store-empty"

    async def _resting(self) -> AsyncIterator[str]:
        await expect(self.part('.eyes[data-level="busy"]')).to_have_text(
            await self.say("eyes.rests")
        )
        await self.go("shop")
        await self.part("button.entry").click()
        await self.part(".resting").wait_for()
        yield "headquarters-not-heard"
        await self.tap("back")
        await hear_who_withdrew(self.shop)
        lose(self.shop)
        await self.go("now")
        await expect(self.part(".eyes")).not_to_have_text(await self.say("eyes.rests"))

    async def _store(self) -> AsyncIterator[str]:
        shop = self.shop
        anna = await shop.consented(ANNA, purchases=9)
        chen, matteo = await shop.consented(CHEN, purchases=4), await shop.consented(MATTEO)
        await shop.at_the_door(chen if self.language is Language.CHINESE else anna)
        await self.part(".alert").wait_for()
        yield "alert"
        await shop.at_the_door(matteo)
        await expect(self.part(".alert-more")).not_to_be_empty()
        yield "alert-more"
        await self.tap("alert.later")
        await self.part(".alert[data-quiet]").wait_for()
        yield "alert-do-not-disturb"
        await self.tap("alert.later")
        await self.phone.page.locator(".alert").wait_for(state="detached")
        await shop.join(GRACE)
        await shop.gateway.arrivals.typed(COLLEAGUE, code=GRACE.card_number)
        await expect(self.part(".badge.certain")).to_be_visible()
        await expect(self.phone.page.locator(".toast")).to_have_count(0)
        yield "store"
        shop.gateway.feed.publish(AttackSeen(place="Front door", seen_at=datetime.now(UTC)))
        await self.part(".attack").wait_for()
        yield "picture-held-up"
        await self.tap("attack.dismiss")
        await self.tap("checkin")
        await self.part("dialog").wait_for()
        yield "check-in"
        await self.phone.page.keyboard.press("Escape")

    async def _card(self) -> AsyncIterator[str]:
        name = CHEN.name if self.language is Language.CHINESE else ANNA.name
        await self.phone.page.get_by_role("button", name=name).first.click()
        await self.part(".card-head").wait_for()
        yield "card"
        for number, share in enumerate((0.5, 1), start=2):
            await self.part(".card-body").evaluate(
                f"body => body.scrollTo(0, body.scrollHeight * {share})"
            )
            yield f"card-{number}"
        await self.tap("pass.show")
        await self.part(".pass .qr").wait_for()
        yield "card-shown"
        await self.tap("pass.print")
        await self.part(".paper .qr").wait_for()
        yield "card-to-print"
        await self.phone.page.keyboard.press("Escape")
        await self.tap("pass.void")
        await self.part("dialog").wait_for()
        yield "cards-to-void"
        await self.tap("cancel")
        await self.tap("back")
        await self.tap("audit.title")
        await self.part(".trail").wait_for()
        yield "who-looked"
        await self.tap("back")
        await self.tap("profile.edit")
        yield "profile"
        await self.part("#profile").evaluate("form => form.scrollTo(0, form.scrollHeight)")
        yield "profile-2"
        await self.tap("back")

    async def _enrollment(self) -> AsyncIterator[str]:
        await self.tap("face.withdraw")
        yield "withdrawal"
        await self.tap("withdraw.go")
        await self.part(".pairs.panel").wait_for()
        yield "withdrawn"
        await self.tap("done")
        await self.tap("face.enrol")
        yield "hand-over"
        await self.tap("enrol.show")
        await self.part(".notice h1").wait_for()
        yield "notice"
        await self.part(".choice .button").click()
        await self.part(".receipt").wait_for()
        yield "receipt"
        await self.tap("receipt.next")
        await self.part(".finder").wait_for()
        yield "photos"
        await self.tap("photos.start")
        await self.part(".shutter").wait_for()
        yield "camera"
        await self.part(".shutter").click()
        await self.part(".verdict .bad").wait_for()
        yield "photo-refused"
        await self.tap("back")

    async def _scan(self) -> AsyncIterator[str]:
        (holder, *_) = await self.shop.gateway.store.read(lambda r: r.members.search("RG-", 1))
        await furnish(self.shop, holder.id)
        await self.go("scan")
        await self.part(".lens").wait_for()
        yield "scan"
        await self.tap("scan.type")
        await self.part(".keys").wait_for()
        yield "keypad"
        await self.tap("keypad.letters")
        yield "keypad-letters"
        await self.phone.page.keyboard.press("Escape")
        await self.tap("scan.serving.none")
        await self.part("dialog").wait_for()
        yield "whom-to-serve"
        await self.phone.page.keyboard.press("Escape")
        await self._read(WELCOME, "good")
        yield "voucher-valid"
        await self.tap("voucher.redeem")
        await self.part('.glance[data-tone="done"]').wait_for()
        yield "voucher-redeemed"
        await self.part(".dock .tall").click()
        await self.part('.glance[data-tone="plain"]').wait_for()
        yield "voucher-undone"
        for name, code, tone in (
            ("voucher-too-early", CONE, "bad"),
            ("voucher-needs-purchase", BIG, "bad"),
            ("voucher-needs-member", REGULAR, "bad"),
            ("code-altered", "]E04006381333930", "bad"),
            ("code-unknown", "https://example.org/menu?table=7", "plain"),
            ("product-not-sold", "]E04012345000009", "plain"),
        ):
            await self._read(code, tone)
            yield name
        await wedge(self.phone, LOAFERS[0])
        await self.part(".variants").wait_for()
        yield "product"
        await self.phone.page.context.set_offline(True)
        await wedge(self.phone, WELCOME)
        await self.part(".kept").wait_for()
        yield "scan-offline"
        await self.phone.page.context.set_offline(False)
        await self.phone.page.locator(".banner").wait_for(state="hidden")

    async def _read(self, code: str, tone: str) -> None:
        """A handheld types a code, and its verdict is shown in place of the one before."""
        if await self.phone.page.locator(".glance").count():
            await self.tap("back")
        await wedge(self.phone, code)
        await self.part(f'.glance[data-tone="{tone}"]').wait_for()

    async def _members(self) -> AsyncIterator[str]:
        await self.go("members")
        yield "search"
        await self.part("input[type=search]").fill("RG-")
        await self.part(".visit").wait_for()
        yield "search-results"
        await self.part("input[type=search]").fill("nobody")
        await expect(self.part(".empty h2")).to_contain_text("nobody")
        yield "search-none"
        await self.tap("member.new")
        yield "new-member"

    async def _shop(self) -> AsyncIterator[str]:
        await self.go("shop")
        await self.part(".mark").wait_for()
        yield "shop"
        await self.part(".stack").evaluate("body => body.scrollTo(0, body.scrollHeight)")
        yield "shop-2"
        await self.tap("runs.title")
        await self.part(".gauge").wait_for()
        yield "how-it-runs"
        await self.part(".stack").evaluate("body => body.scrollTo(0, body.scrollHeight)")
        yield "how-it-runs-2"
        await self.tap("back")
        await self.tap("doctor.title")
        await self.part(".findings").wait_for()
        yield "check-up"
        await self.part(".stack").evaluate("body => body.scrollTo(0, body.scrollHeight)")
        yield "check-up-2"
        await self.tap("back")
        await self.tap("phones.invite")
        yield "invitation"
        await self.phone.page.get_by_label(await self.say("invite.name")).fill("Tom")
        await self.tap("invite.go")
        await self.part(".qr").wait_for()
        yield "invitation-qr"

    async def _headquarters(self) -> AsyncIterator[str]:
        page = self.phone.page
        await wait_for_the_line(self.shop, 34)
        await hold_back(self.shop)
        await self.shop.gateway.watch.sample()
        await self.go("shop")
        await self.part('button.entry [data-level="busy"]').wait_for()
        await self.part("button.entry").click()
        await self.part('.line-status[data-level="busy"]').wait_for()
        yield "headquarters-down"
        await self.part(".stack").evaluate("body => body.scrollTo(0, body.scrollHeight)")
        yield "headquarters-down-2"
        await self.go("members")
        await self.part("input[type=search]").fill("RG-")
        await page.locator(".visit .row").first.click()
        await self.part(".as-of").wait_for()
        yield "card-as-of"
        for name, stage, level in (
            ("catching-up", catch_up, "plain"),
            ("in-line", caught_up, "good"),
        ):
            await stage(self.shop)
            await self.go("shop")
            await self.part("button.entry").click()
            await self.part(f'.line-status[data-level="{level}"]').wait_for()
            yield f"headquarters-{name}"

    async def _end(self) -> AsyncIterator[str]:
        await self.go("now")
        await self.phone.page.context.set_offline(True)
        await self.part(".banner").wait_for()
        yield "offline"
        await self.phone.page.context.set_offline(False)
        await self.phone.page.locator(".banner").wait_for(state="hidden")
        await self.go("shop")
        await self.tap("shift.end")
        yield "locked"
