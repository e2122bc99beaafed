// The member card: what to fetch, what was bought, what was promised, and who looked.

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import { clock, daysAgo, elapsed, list } from "../format.js";
import { t } from "../i18n.js";
import { open } from "../router.js";
import { state, watch } from "../store.js";
import { explain } from "../trouble.js";
import { put } from "../visits.js";
import { arrive } from "../parts/checkin.js";
import { avatar, chips, quietMark, sizeTiles, trend } from "../parts/member.js";
import { faceSection } from "../parts/face.js";
import { asOf } from "../parts/line.js";
import { alikeWarning } from "../parts/guards.js";
import { notesSection } from "../parts/notes.js";
import { bars, purchaseSection, totals } from "../parts/purchases.js";
import { detailBar } from "../parts/bar.js";
import { failure, skeleton } from "../parts/states.js";
import { toast } from "../parts/toast.js";
import { answers, claim } from "../parts/visit.js";
import { button, iconButton, linkRow } from "../parts/button.js";

export function card({ id, reason }, signal) {
  const body = h("div", { class: "body card-body" });
  const dock = h("div", { class: "dock" });
  const bar = detailBar(t("card.title"), {
    label: t("profile.edit"),
    icon: "edit",
    act: () => shown && open("profile", { member: shown.member }),
  });
  const draft = { text: "" };
  const freshness = asOf(signal);
  let shown = null;
  const draw = (whole) => {
    shown = whole;
    fill(body, sections(whole, { id, update: draw, draft, freshness }));
    drawDock();
  };
  const drawDock = () => shown && fill(dock, actions(shown.member, visitOf(id)));
  const load = async () => {
    if (!shown) fill(body, skeleton(4));
    try {
      draw(await api.card(id, reason, signal));
    } catch (error) {
      if (signal.aborted) return;
      if (shown) toast(explain(error), "trouble");
      else fill(body, failure(error, load));
    }
  };
  // A card that changes elsewhere is drawn again, but not under the fingers of someone typing.
  const changed = () => {
    if (state.touched?.id !== id) return;
    if (body.querySelector("textarea:focus"))
      body.addEventListener("focusout", load, { once: true, signal });
    else load();
  };
  watch(["touched"], changed, signal);
  watch(["visits"], () => shown && (drawDock(), redrawClaim(body, id)), signal);
  load();
  return h("div", { class: "screen" }, bar, body, dock);
}

const visitOf = (member) =>
  [...state.visits.values()].find((visit) => visit.member.id === member) ?? null;

function sections(whole, { id, update, draft, freshness }) {
  const { member, summary, purchases } = whole;
  return [
    header(member, id),
    freshness,
    alikeWarning(whole.look_alikes.map((other) => other.name)),
    sizeTiles(member.sizes) ?? h("p", { class: "hint" }, t("sizes.none")),
    chips(member.preferences, t("preferences")),
    glance(summary, purchases),
    purchaseSection(purchases),
    notesSection(whole, update, draft),
    faceSection(whole),
    details(member),
    linkRow("eye", t("audit.title"), () => open("audit", { id: member.id, name: member.name })),
  ];
}

function header(member, id) {
  return h(
    "header",
    { class: "card-head" },
    avatar(member.name),
    h(
      "div",
      {},
      h(
        "div",
        { class: "card-name" },
        h("h1", { tabindex: "-1" }, member.name),
        iconButton(t("pass.show"), "qr", () => open("pass", { member })),
      ),
      h("p", { class: "card-claim" }, claimLine(visitOf(id))),
      member.do_not_disturb && h("p", { class: "quiet-line" }, quietMark(), t("quiet.hint")),
    ),
  );
}

function claimLine(visit) {
  if (!visit) return [h("span", { class: "muted" }, t("card.away"))];
  return [
    claim(visit),
    h(
      "span",
      { class: "muted" },
      [visit.place, elapsed(visit.opened_at)].filter(Boolean).join(" · "),
    ),
  ];
}

function redrawClaim(body, id) {
  const line = body.querySelector(".card-claim");
  if (line) fill(line, claimLine(visitOf(id)));
}

function glance(summary, purchases) {
  const since = (days, none) => (days === null ? t(none) : daysAgo(days));
  const fact = (label, value, extra) =>
    h("div", { class: "fact" }, h("dt", {}, label), h("dd", {}, value, extra));
  return h(
    "section",
    { class: "panel", "aria-label": t("glance") },
    h(
      "dl",
      { class: "facts" },
      fact(t("glance.purchase"), since(summary.days_since_purchase, "never")),
      fact(t("glance.visit"), since(summary.days_since_visit, "glance.first")),
      fact(t("glance.spend"), totals(summary.spend_last_year)),
      fact(t("glance.visits"), t("times", { n: summary.visits_last_year })),
    ),
    purchases.length > 1 && h("div", { class: "spend" }, bars(purchases), trend(summary)),
    summary.favourite_categories.length > 0 &&
      h(
        "p",
        { class: "favourites" },
        h("span", { class: "muted" }, t("glance.favourites")),
        " ",
        list(summary.favourite_categories),
      ),
  );
}

function details(member) {
  const entries = [
    ["profile.card", member.card_number],
    ["profile.phone", member.phone],
    ["profile.language", t(`language.${member.language}`)],
    ["profile.age", member.age_band && t(`age.${member.age_band}`)],
  ].filter(([, value]) => value);
  return h(
    "section",
    { class: "section" },
    h("h2", {}, t("profile.title")),
    h(
      "dl",
      { class: "pairs" },
      entries.map(([key, value]) => h("div", {}, h("dt", {}, t(key)), h("dd", {}, value))),
    ),
  );
}

function actions(member, visit) {
  if (visit?.claim === "possible") return answers(visit);
  const control = visit
    ? button(t("visit.close"), () => leave(), { mark: "leave", kind: "wide" })
    : button(t("visit.here"), () => come(), { mark: "hand", kind: "primary wide" });
  const run = async (work) => {
    control.disabled = true;
    const error = await work();
    control.disabled = false;
    if (error) toast(explain(error), "trouble");
  };
  const come = () => run(() => arrive({ member_id: member.id }));
  const leave = () =>
    run(async () => {
      try {
        await api.close(visit.id);
        put({ ...visit, closed_at: new Date().toISOString() });
        toast(t("visit.closed", { name: member.name, time: clock(api.now()) }));
        return null;
      } catch (error) {
        return error;
      }
    });
  return control;
}
