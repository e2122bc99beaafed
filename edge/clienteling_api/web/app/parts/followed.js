// A detail that is fetched anew every few seconds, and stays as it was while the gateway is away.

import { every, fill, h } from "../dom.js";
import { clock } from "../format.js";
import { t } from "../i18n.js";
import { detailBar } from "./bar.js";
import { failure, skeleton } from "./states.js";

const REFRESH_MS = 5000;

/** `fetch(signal)` gets what `draw(it, refresh)` shows; `hint` stands under the title. */
export function followed({ title, hint, fetch, draw }, signal) {
  const body = h("div", { class: "body stack" }, skeleton(4));
  const stale = h("p", { class: "hint stale", role: "status", hidden: true });
  let shownAt = null;
  const refresh = async () => {
    if (document.hidden) return;
    try {
      const now = await fetch(signal);
      if (signal.aborted) return;
      shownAt = Date.now();
      stale.hidden = true;
      fill(body, draw(now, refresh));
    } catch (error) {
      if (signal.aborted) return;
      if (shownAt === null) return void fill(body, failure(error, refresh));
      stale.hidden = false;
      fill(stale, t("runs.stale", { time: clock(shownAt) }));
    }
  };
  every(REFRESH_MS, refresh, signal);
  document.addEventListener("visibilitychange", refresh, { signal });
  return h(
    "div",
    { class: "screen" },
    detailBar(t("shop.title")),
    h(
      "header",
      { class: "title" },
      h("h1", { tabindex: "-1" }, title),
      h("p", { class: "count" }, hint),
    ),
    stale,
    body,
  );
}

export const section = (title, ...children) =>
  h("section", { class: "section" }, h("h2", {}, title), children);

/** The ends of a chart of the last minutes. */
export const axis = (now) =>
  h(
    "p",
    { class: "axis", "aria-hidden": "true" },
    h("span", {}, t("runs.ago", { n: Math.round((now.most_points * now.every_s) / 60) })),
    h("span", {}, t("runs.now")),
  );

export const fact = (term, value) =>
  h("div", { class: "fact" }, h("dt", {}, term), h("dd", {}, value));
