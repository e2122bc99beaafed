// The screens before and after a shift: locked, and the gateway out of reach.

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { begin } from "../session.js";
import { failure } from "../parts/states.js";
import { logo } from "../parts/logo.js";
import { button } from "../parts/button.js";

/** After "end shift": nothing is shown and nothing is held. */
export function locked() {
  return h(
    "main",
    { class: "screen lone" },
    h(
      "div",
      { class: "body form centred" },
      logo(),
      h("h1", { tabindex: "-1" }, t("locked.title")),
      h("p", { class: "lead" }, t("locked.hint")),
    ),
    h(
      "div",
      { class: "dock" },
      button(t("locked.go"), begin, { mark: "door", kind: "primary wide" }),
    ),
  );
}

export function unreachable(error) {
  return h(
    "main",
    { class: "screen lone" },
    h("div", { class: "body form centred" }, logo(), failure(error, begin)),
  );
}

export function starting() {
  return h(
    "main",
    { class: "screen lone" },
    h("div", { class: "body form centred", role: "status", "aria-label": t("loading") }, logo()),
  );
}
