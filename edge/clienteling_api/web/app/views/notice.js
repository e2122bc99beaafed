// The notice for whoever followed the sign at the door; nobody has to be known for it.

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import { language } from "../i18n.js";
import { languages } from "../parts/languages.js";
import { failure, skeleton } from "../parts/states.js";

export function publicNotice() {
  const text = h("div", { class: "body notice" }, skeleton(3));
  const load = async () => {
    try {
      const { title, paragraphs } = await api.notice(language());
      fill(
        text,
        h("h1", { tabindex: "-1" }, title),
        paragraphs.map((paragraph) => h("p", {}, paragraph)),
      );
    } catch (error) {
      fill(text, failure(error, load));
    }
  };
  load();
  return h(
    "main",
    { class: "screen lone" },
    text,
    h("div", { class: "dock" }, languages()),
  );
}
