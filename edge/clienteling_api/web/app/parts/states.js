// What a screen shows while it has nothing to show: loading, empty, in trouble.

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { explain } from "../trouble.js";
import { button } from "./button.js";

/** Grey shapes where rows will be. */
export function skeleton(rows = 3) {
  return h(
    "div",
    { class: "skeleton", role: "status", "aria-label": t("loading") },
    Array.from({ length: rows }, () => h("div", { class: "bone" }, h("i"), h("b"), h("b"))),
  );
}

/** Nothing here, kindly said. */
export function empty(iconName, title, hint) {
  return h(
    "div",
    { class: "empty" },
    h("div", { class: "empty-mark" }, icon(iconName)),
    h("h2", {}, title),
    h("p", {}, hint),
  );
}

/** What went wrong, and a way to try again. */
export function failure(error, retry) {
  return h(
    "div",
    { class: "empty", role: "alert" },
    h("div", { class: "empty-mark warn" }, icon(error?.code === "offline" ? "offline" : "warn")),
    h("h2", {}, t(error?.code === "offline" ? "failure.offline" : "failure.title")),
    h("p", {}, explain(error)),
    button(t("retry"), retry),
  );
}
