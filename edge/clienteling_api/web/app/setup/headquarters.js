// The line to headquarters: how it is, or how it comes to be.

import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { levelOf } from "../parts/line.js";
import { frame } from "./frame.js";
import { model, onModel } from "./model.js";

export function headquartersStep({ signal, done }) {
  const now = h("div", { class: "rows" });
  const draw = () => fill(now, state());
  onModel(draw, signal);
  draw();
  return frame(
    { title: t("setup.headquarters"), lead: t("setup.headquarters.lead"), back: done },
    now,
  );
}

function state() {
  const { headquarters_url: url, headquarters: line } = model.settings;
  if (!url)
    return [
      h("p", { class: "hint" }, t("setup.headquarters.how")),
      h("p", { class: "console mono" }, "sudo regulars claim - <FILE"),
    ];
  return h(
    "div",
    { class: "entry" },
    h("span", { class: "mark", data: { level: line ? levelOf(line) : "busy" } }, icon("chain")),
    h("span", { class: "entry-main" }, h("strong", {}, url), h("small", {}, line ? t(`hq.${line.status}`) : t("setup.opening"))),
  );
}
