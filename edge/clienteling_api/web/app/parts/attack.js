// A quiet notice that a picture was held up to a camera: where and when, and nobody's name.

import { every, fill, h } from "../dom.js";
import { clock } from "../format.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { change, state, watch } from "../store.js";
import { now } from "../api.js";
import { iconButton } from "./button.js";

const SHOWN_MS = 10 * 60_000; // long enough to be seen between two customers

export function attackNotice(signal) {
  const element = h("div", { class: "attack", role: "status" });
  const draw = () => {
    const { attack } = state;
    const fresh = attack && now() - new Date(attack.seen_at) < SHOWN_MS;
    element.hidden = !fresh;
    if (!fresh) return;
    fill(
      element,
      icon("phone"),
      h(
        "span",
        {},
        h("strong", {}, t("attack.seen", { place: attack.place })),
        h("small", {}, t("attack.seen.hint", { time: clock(attack.seen_at) })),
      ),
      iconButton(t("attack.dismiss"), "close", () => change({ attack: null })),
    );
  };
  watch(["attack"], draw, signal);
  every(30_000, draw, signal);
  draw();
  return element;
}
