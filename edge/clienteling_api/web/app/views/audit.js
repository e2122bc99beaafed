// Who looked at this card: the member may read it, on the guide's phone as well.

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import { dayAndClock } from "../format.js";
import { has, t } from "../i18n.js";
import { detailBar } from "../parts/bar.js";
import { empty, failure, skeleton } from "../parts/states.js";

export function audit({ id, name }) {
  const body = h("div", { class: "body" }, skeleton(4));
  const load = async () => {
    try {
      const { entries } = await api.audit(id);
      fill(
        body,
        entries.length
          ? h("ul", { class: "trail" }, entries.map(entry))
          : empty("eye", t("audit.none"), ""),
      );
    } catch (error) {
      fill(body, failure(error, load));
    }
  };
  load();
  return h(
    "div",
    { class: "screen" },
    detailBar(t("card.title")),
    h(
      "header",
      { class: "title" },
      h("h1", { tabindex: "-1" }, t("audit.title")),
      h("p", { class: "count" }, name),
    ),
    body,
  );
}

// The log says `visit`, `search` … or `arrival, visit …`; its own word stands where the
// dictionary has none, so that nothing is left out.
function word(text) {
  const kind = text.startsWith("arrival") ? "arrival" : text;
  return has(`audit.${kind}`) ? t(`audit.${kind}`) : text;
}

function entry({ at, actor, action, reason }) {
  return h(
    "li",
    {},
    h("strong", {}, word(actor)),
    h("span", {}, [action, reason].filter(Boolean).map(word).join(" · ")),
    h("time", { datetime: at }, dayAndClock(at)),
  );
}
