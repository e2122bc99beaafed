// The bar above a detail: back on the left, one action on the right.

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { back } from "../router.js";

export function detailBar(title, action = null) {
  return h(
    "div",
    { class: "bar" },
    h("button", { class: "icon-button", type: "button", "aria-label": t("back"), on: { click: back } }, icon("back")),
    h("p", { class: "bar-title" }, title),
    action
      ? h("button", { class: "icon-button", type: "button", "aria-label": action.label, on: { click: action.act } }, icon(action.icon))
      : h("span", { class: "icon-space" }),
  );
}
