// Withdrawal: said plainly, done at once, proved.

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import { dayAndClock } from "../format.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { back } from "../router.js";
import { explain } from "../trouble.js";
import { detailBar } from "../parts/bar.js";
import { button } from "../parts/button.js";

export function withdrawal({ member, consent }) {
  const element = h("div", { class: "screen" });
  const error = h("p", { class: "field-error", role: "alert" });
  const go = button(t("withdraw.go"), () => withdraw(), { kind: "danger" });
  const withdraw = async () => {
    go.disabled = true;
    error.textContent = "";
    try {
      fill(element, proof(member, await api.withdraw(consent)));
      element.querySelector("h1").focus();
    } catch (cause) {
      error.textContent = explain(cause);
      go.disabled = false;
    }
  };
  return fill(
    element,
    detailBar(t("card.title")),
    h(
      "div",
      { class: "body form centred" },
      h("div", { class: "empty-mark warn" }, icon("trash")),
      h("h1", { tabindex: "-1" }, t("withdraw.title", { name: member.name })),
      h(
        "ul",
        { class: "points" },
        ["erased", "door", "kept"].map((key) => h("li", {}, icon("check"), t(`withdraw.${key}`))),
      ),
    ),
    h(
      "div",
      { class: "dock" },
      error,
      h("div", { class: "answers" }, button(t("cancel"), back), go),
    ),
  );
}

function proof(member, { withdrawn_at: at, templates_erased: erased, proof: entry }) {
  return [
    detailBar(t("card.title")),
    h(
      "div",
      { class: "body form centred" },
      h("div", { class: "empty-mark" }, icon("shield")),
      h("h1", { tabindex: "-1" }, t("withdraw.done")),
      h("p", { class: "lead" }, t("withdraw.done.hint", { name: member.name, n: erased })),
      h(
        "dl",
        { class: "pairs panel" },
        h("div", {}, h("dt", {}, t("withdraw.proof")), h("dd", {}, String(entry.sequence ?? "–"))),
        h("div", {}, h("dt", {}, t("withdraw.when")), h("dd", {}, dayAndClock(at))),
        entry.hash &&
          h(
            "div",
            {},
            h("dt", {}, t("withdraw.seal")),
            h("dd", { class: "mono" }, `${entry.hash.slice(0, 8)} ${entry.hash.slice(8, 16)}`),
          ),
      ),
    ),
    h("div", { class: "dock" }, button(t("done"), back, { kind: "primary wide" })),
  ];
}
