// The alert: someone is possibly here. It slides up into the thumb's reach and never takes
// the focus from what the guide is typing.

import { fill, h } from "./dom.js";
import { daysAgo, daysSince, list, money } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { avatar, chips, quietMark, sizeTiles, trend } from "./parts/member.js";
import { answers } from "./parts/visit.js";
import { openOnly } from "./router.js";
import { change, state, watch } from "./store.js";
import { putAway } from "./visits.js";
import { iconButton } from "./parts/button.js";

const SETTLE_MS = 350; // a sheet that slides under a moving thumb must not be answered by it

let shown = null;

/** Keep everything about other members back while `signal` lives: the phone is handed over. */
export function hold(signal) {
  change({ handedOver: true });
  document.getElementById("toasts").replaceChildren();
  document.getElementById("announcer").replaceChildren();
  signal.addEventListener("abort", () => change({ handedOver: false }));
}

/** Start showing alerts. */
export function showAlerts() {
  watch(["alerts", "visits", "handedOver"], draw);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && shown && !document.querySelector("dialog[open]"))
      putAway(shown.id);
  });
}

function draw() {
  const root = document.getElementById("alerts");
  const waiting = state.handedOver
    ? []
    : state.alerts.map((id) => state.visits.get(id)).filter(Boolean);
  const visit = waiting[0] ?? null;
  const same = visit && shown?.id === visit.id;
  if (same) {
    root.querySelector(".alert-more").textContent = more(waiting);
    root.dataset.stack = Math.min(waiting.length, 3);
    return;
  }
  shown = visit;
  root.dataset.stack = Math.min(waiting.length, 3);
  if (!visit) return void root.replaceChildren();
  fill(root, alert(visit, waiting));
  announce(visit);
}

const more = (waiting) => (waiting.length > 1 ? t("alert.more", { n: waiting.length - 1 }) : "");

function announce(visit) {
  const key = visit.member.do_not_disturb ? "alert.spoken.quiet" : "alert.spoken";
  const spoken = t(key, { name: visit.member.name, place: visit.place });
  const warning = visit.look_alikes.length > 0 && alike("alert.spoken.alike", visit);
  document.getElementById("announcer").textContent = [spoken, warning].filter(Boolean).join(" ");
}

const alike = (key, visit) => t(key, { name: list(visit.look_alikes) });

function alert(visit, waiting) {
  const { member, summary } = visit;
  const typing = document.activeElement?.matches("input, textarea, select");
  const element = h(
    "section",
    {
      class: "alert",
      "aria-label": t("alert.label", { name: member.name }),
      data: { visit: visit.id, compact: Boolean(typing) },
    },
    h(
      "header",
      { class: "alert-head" },
      h("span", { class: "possibly" }, icon("face"), t("alert.possibly")),
      h("span", { class: "alert-place" }, visit.place),
      h("span", { class: "alert-more" }, more(waiting)),
      iconButton(t("alert.later"), "close", () => putAway(visit.id)),
    ),
    h(
      "button",
      {
        class: "alert-body",
        type: "button",
        "aria-label": t("alert.open", { name: member.name }),
        on: { click: () => look(element, member) },
      },
      h("span", { class: "alert-name" }, avatar(member.name), h("strong", {}, member.name)),
      visit.look_alikes.length > 0 &&
        h("span", { class: "alike-line" }, icon("warn"), alike("alert.alike", visit)),
      member.do_not_disturb && h("span", { class: "quiet-line" }, quietMark(), t("quiet.hint")),
    ),
    h(
      "div",
      { class: "alert-facts" },
      sizeTiles(member.sizes),
      chips(member.preferences, t("preferences")),
      bought(visit, summary),
    ),
    answers(visit),
  );
  if (member.do_not_disturb) element.dataset.quiet = "";
  settle(element);
  return element;
}

function settle(element) {
  element.inert = true;
  setTimeout(() => {
    element.inert = false;
  }, SETTLE_MS);
}

// A tap on the compact form, shown while typing, unfolds it; a tap on the sheet opens the card.
function look(element, member) {
  if (element.dataset.compact === "true") {
    element.dataset.compact = "false";
    document.activeElement?.blur();
    return;
  }
  putAway(element.dataset.visit);
  openOnly("card", { id: member.id, reason: "visit" });
}

function bought(visit, summary) {
  if (!visit.recent_purchases.length) return h("p", { class: "hint" }, t("purchases.none"));
  return h(
    "div",
    { class: "alert-bought" },
    h("div", { class: "alert-bought-head" }, h("h3", {}, t("purchases.recent")), trend(summary)),
    h(
      "ul",
      { class: "lines" },
      visit.recent_purchases
        .slice(0, 2)
        .map((purchase) =>
          h(
            "li",
            { class: "line" },
            h("span", { class: "line-what" }, purchase.item),
            h("span", { class: "line-when" }, daysAgo(daysSince(purchase.bought_at))),
            h("span", { class: "line-much" }, money(purchase.amount, purchase.currency)),
          ),
        ),
    ),
  );
}
