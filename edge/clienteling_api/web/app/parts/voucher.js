// A voucher's verdict: redeemed by one tap, and undone by another for a minute.

import * as api from "../api.js";
import { approve, deny } from "../alarm.js";
import { every, h } from "../dom.js";
import { dayAndClock, money } from "../format.js";
import { language, t } from "../i18n.js";
import { back } from "../router.js";
import { scanned, waitForMember } from "../scans.js";
import { state } from "../store.js";
import { explain } from "../trouble.js";
import { button } from "./button.js";
import { field } from "./form.js";
import { glance } from "./glance.js";
import { toast } from "./toast.js";

const NEEDS_MEMBER = new Set(["needs_member", "unknown_member", "other_member"]);
const NEEDS_BASKET = new Set(["needs_basket", "below_minimum"]);

/** `show(body, dock)` draws; the parts change as the voucher is redeemed or undone. */
export function voucher(answer, show, signal) {
  // The same request is repeated with the same id: however often it is sent, it counts once.
  const ids = { redeem: crypto.randomUUID(), reverse: crypto.randomUUID() };
  let verdict = answer.verdict;
  const draw = () => {
    const { redemption } = verdict;
    if (redemption?.state === "reversed") return show(page(verdict, "plain", "undo", "undone"), next());
    if (redemption) return show(page(verdict, "done", "check", "redeemed"), [undo(), next()]);
    if (verdict.valid) return show(page(verdict, "good", "check", "valid"), redeem());
    return show(page(verdict, "bad", "close", "invalid"), remedy(answer, verdict));
  };
  const step = async (control, act) => {
    control.disabled = true;
    try {
      verdict = { ...(await act()), voucher: verdict.voucher };
      (verdict.refusal ? deny : approve)();
    } catch (error) {
      // Perhaps it arrived and only the answer was lost: the next try has the same id.
      toast(explain(error), "trouble");
      control.disabled = false;
      return;
    }
    if (!signal.aborted) draw();
  };
  const redeem = () => {
    const control = button(t("voucher.redeem"), () => step(control, () => api.redeem(offer())), {
      mark: "check",
      kind: "primary wide tall",
    });
    return control;
  };
  const offer = () => ({
    request_id: ids.redeem,
    code: answer.code,
    language: language(),
    ...(state.serving && { member: { by: "visit", value: state.serving } }),
    ...(answer.basket && { basket: answer.basket }),
  });
  const undo = () => {
    const id = verdict.redemption.id;
    const until = Date.parse(verdict.undo_until);
    const reverse = () => api.reverse(id, { request_id: ids.reverse, language: language() });
    const control = button("", () => step(control, reverse), { mark: "undo", kind: "wide tall" });
    const words = h("span");
    control.append(words);
    const tick = () => {
      const left = until - api.now();
      control.hidden = left <= 0;
      words.textContent = t("voucher.undo", { time: t("time.seconds", { n: Math.ceil(left / 1000) }) });
    };
    every(500, tick, signal);
    return control;
  };
  draw();
}

const next = () => button(t("scan.next"), back, { mark: "scan", kind: "wide" });

function page(verdict, tone, mark, word) {
  const hint = verdict.refusal ? verdict.message : "";
  return h(
    "div",
    { class: "body stack" },
    glance(tone, mark, t(`verdict.${word}`), hint),
    verdict.voucher && terms(verdict.voucher, verdict.discount),
  );
}

function terms(voucher, discount) {
  const rows = [
    discount && [t("voucher.discount"), money(discount.amount, discount.currency)],
    [t("voucher.holder"), t(`voucher.holder.${voucher.holder}`)],
    voucher.valid_until && [t("voucher.until"), dayAndClock(voucher.valid_until)],
    voucher.window && [t("voucher.window"), hours(voucher.window)],
    voucher.uses > 1 && [t("voucher.uses"), String(voucher.uses)],
  ];
  return h(
    "section",
    { class: "panel terms" },
    h("p", { class: "worth" }, worth(voucher.value)),
    h("p", { class: "muted" }, voucher.campaign),
    h(
      "dl",
      { class: "pairs" },
      rows.filter(Boolean).map(([name, said]) => h("div", {}, h("dt", {}, name), h("dd", {}, said))),
    ),
  );
}

const hours = ({ opens, closes }) => `${opens.slice(0, 5)}–${closes.slice(0, 5)}`;

function worth(value) {
  if (value.kind === "amount")
    return t("voucher.amount", { money: money(value.money.amount, value.money.currency) });
  if (value.kind === "gift") return t("voucher.gift", { name: value.name });
  const most = value.at_most;
  const percent = t("voucher.percent", { n: Number(value.percent) });
  return most ? t("voucher.at_most", { percent, money: money(most.amount, most.currency) }) : percent;
}

// What would make it hold, where the guide can do something about it.
function remedy(answer, { refusal, voucher }) {
  if (NEEDS_MEMBER.has(refusal.reason)) {
    const ask = () => {
      waitForMember(answer.code);
      back();
      toast(t("voucher.member.wait"));
    };
    return [button(t("voucher.member"), ask, { mark: "card", kind: "primary wide tall" }), next()];
  }
  const currency = refusal.money?.currency ?? voucher?.value.money?.currency;
  if (NEEDS_BASKET.has(refusal.reason) && currency) return [purchase(answer, currency), next()];
  return next();
}

function purchase(answer, currency) {
  const typed = field(t("voucher.total", { currency }), { inputmode: "decimal", maxlength: 12 });
  const submit = (event) => {
    event.preventDefault();
    const total = typed.input.value.trim().replace(",", ".");
    if (!/^\d{1,9}(\.\d{1,3})?$/.test(total)) return typed.fail(t("voucher.total.wrong"));
    return scanned({ text: answer.code, basket: { id: crypto.randomUUID(), currency, total } });
  };
  return h(
    "form",
    { class: "purchase", on: { submit } },
    typed.element,
    h("button", { class: "button primary", type: "submit" }, t("voucher.total.go")),
  );
}
