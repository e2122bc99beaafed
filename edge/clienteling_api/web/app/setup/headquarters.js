// The line to headquarters: how it is, or how a claim makes it.

import { every, fill, h } from "../dom.js";
import { locale, t } from "../i18n.js";
import { icon } from "../icons.js";
import { levelOf } from "../parts/line.js";
import { toast } from "../parts/toast.js";
import { claimForm, refusal } from "./claim.js";
import { frame } from "./frame.js";
import { model, onModel, refresh } from "./model.js";

const WATCH_MS = 1500;

export function headquartersStep({ signal, done }) {
  const now = h("div", { class: "rows", "aria-live": "polite" });
  const form = claimForm();
  let url = model.settings.headquarters_url;
  const draw = () => {
    const { settings } = model;
    if (settings.headquarters_url && !url) toast(t("claim.done", { name: settings.store.name }));
    url = settings.headquarters_url;
    fill(now, url ? line(settings) : claim(settings));
    now.hidden = !now.childElementCount;
    form.element.hidden = Boolean(url);
    form.settle(settings.claim);
  };
  onModel(draw, signal);
  draw();
  every(WATCH_MS, () => url || model.opening || document.hidden || refresh(), signal);
  return frame(
    { title: t("setup.headquarters"), lead: t("setup.headquarters.lead"), back: done },
    now,
    form.element,
  );
}

const row = (level, mark, title, ...lines) =>
  h(
    "div",
    { class: "entry" },
    h("span", { class: "mark", data: { level } }, icon(mark)),
    h("span", { class: "entry-main" }, h("strong", {}, title), lines.map((text) => h("small", {}, text))),
  );

const line = ({ headquarters_url: url, headquarters: state }) =>
  row(
    state ? levelOf(state) : "busy",
    "chain",
    url,
    state ? t(`hq.${state.status}`) : t("setup.opening"),
  );

// What became of the last one; nothing where there was none.
function claim({ claim: last }) {
  if (last?.state === "refused") return refusal(last);
  if (last?.state !== "waiting") return null;
  const { store_name: name, store_id: id, headquarters: where, said, expires_at: end } = last;
  return row(
    "busy",
    "clock",
    `${name} (${id})`,
    t(said ? "claim.waiting" : "claim.asking", { where: new URL(where).host }),
    said && t("claim.until", { time: moment(end) }),
  );
}

/** A moment as people of the shop's time zone write it. */
const moment = (at) =>
  new Intl.DateTimeFormat(locale(), {
    dateStyle: "medium",
    timeStyle: "short",
    timeZone: model.settings.store.time_zone,
  }).format(new Date(at));
