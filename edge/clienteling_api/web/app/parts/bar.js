// The bar above a detail: back on the left, one action on the right.

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { back } from "../router.js";
import { iconButton } from "./button.js";

export function detailBar(title, action = null) {
  return h(
    "div",
    { class: "bar" },
    iconButton(t("back"), "back", back),
    h("p", { class: "bar-title" }, title),
    action ? iconButton(action.label, action.icon, action.act) : h("span", { class: "icon-space" }),
  );
}
