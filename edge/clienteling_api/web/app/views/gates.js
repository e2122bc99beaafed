// The screens before and after a shift: locked, and the gateway out of reach.

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { begin } from "../session.js";
import { failure } from "../parts/states.js";
import { logo } from "../parts/logo.js";

/** After "end shift": nothing is shown and nothing is held. */
export function locked() {
  return h(
    "main",
    { class: "screen lone" },
    h("div", { class: "body form centred" }, logo(), h("h1", { tabindex: "-1" }, t("locked.title")), h("p", { class: "lead" }, t("locked.hint"))),
    h("div", { class: "dock" }, h("button", { class: "button primary wide", type: "button", on: { click: begin } }, icon("door"), t("locked.go"))),
  );
}

export function unreachable(error) {
  return h("main", { class: "screen lone" }, h("div", { class: "body form centred" }, logo(), failure(error, begin)));
}

export function starting() {
  return h("main", { class: "screen lone" }, h("div", { class: "body form centred", role: "status", "aria-label": t("loading") }, logo()));
}
