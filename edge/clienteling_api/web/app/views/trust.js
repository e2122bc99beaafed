// Once for each phone: how it comes to trust the shop's own authority, step by step.

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { explain } from "../trouble.js";
import { button } from "../parts/button.js";
import { fingerprint } from "../parts/fingerprint.js";
import { segments } from "../parts/form.js";
import { languages } from "../parts/languages.js";
import { logo } from "../parts/logo.js";

const FILES = { apple: "/ca.mobileconfig", android: "/ca.crt", computer: "/ca.crt" };
const STEPS = { apple: 4, android: 4, computer: 3 };

/** `next` is called when the person has done it. */
export function trust(next) {
  const list = h("ol", { class: "steps" });
  const file = h("a", { class: "button primary wide" });
  const draw = (kind) => {
    file.setAttribute("href", FILES[kind]);
    fill(file, t(`trust.get.${kind}`));
    fill(
      list,
      Array.from({ length: STEPS[kind] }, (_, index) =>
        h("li", {}, t(`trust.${kind}.${index + 1}`)),
      ),
    );
  };
  const kind = segments(
    t("trust.kind"),
    Object.keys(FILES).map((id) => ({ id, name: t(`trust.kind.${id}`) })),
    thisDevice(),
    draw,
  );
  const mark = h("div", { class: "fingerprint-place" });
  draw(thisDevice());
  api
    .authority()
    .then((authority) => fill(mark, fingerprint(authority, t("trust.compare"))))
    .catch((error) => fill(mark, h("p", { class: "field-error" }, explain(error))));
  return h(
    "main",
    { class: "screen lone" },
    h(
      "div",
      { class: "body form" },
      logo(),
      h("h1", { tabindex: "-1" }, t("trust.title")),
      h("p", { class: "lead" }, t("trust.lead")),
      kind.element,
      file,
      list,
      mark,
      languages(),
    ),
    h("div", { class: "dock" }, button(t("trust.done"), next, { kind: "wide" })),
  );
}

function thisDevice() {
  const agent = navigator.userAgent;
  // An iPad calls itself a Mac; a Mac takes the profile as well.
  if (/iPhone|iPad|Macintosh/.test(agent)) return "apple";
  return agent.includes("Android") ? "android" : "computer";
}
