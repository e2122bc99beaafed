// Every guard that a "not them" has set, for managers.

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { detailBar } from "../parts/bar.js";
import { everyGuard } from "../parts/guards.js";
import { empty, failure, skeleton } from "../parts/states.js";

export function guards(_, signal) {
  const body = h("div", { class: "body" }, skeleton(3));
  const load = async () => {
    try {
      const { guards: found } = await api.guards(signal);
      fill(
        body,
        found.length
          ? h("section", { class: "section" }, everyGuard(found, load))
          : empty("shield", t("guards.none"), t("guards.none.hint")),
      );
    } catch (error) {
      if (!signal.aborted) fill(body, failure(error, load));
    }
  };
  load();
  return h(
    "div",
    { class: "screen" },
    detailBar(t("shop.title")),
    h(
      "header",
      { class: "title" },
      h("h1", { tabindex: "-1" }, t("guards.title")),
      h("p", { class: "count" }, t("guards.hint")),
    ),
    body,
  );
}
