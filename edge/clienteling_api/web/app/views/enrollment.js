// Enrollment: the member reads the notice and decides, gets a receipt, then photos are taken.

import * as api from "../api.js";
import { hold } from "../alerts.js";
import { fill, h } from "../dom.js";
import { LANGUAGES, speaking, t, tag } from "../i18n.js";
import { icon } from "../icons.js";
import { back } from "../router.js";
import { explain } from "../trouble.js";
import { detailBar } from "../parts/bar.js";
import { segments } from "../parts/form.js";
import { receipt } from "../parts/receipt.js";
import { failure, skeleton } from "../parts/states.js";
import { photos } from "./photos.js";
import { button, iconButton } from "../parts/button.js";

export function enrollment({ member, consent = null }, signal) {
  const element = h("div", { class: "screen immersive" });
  hold(signal); // the phone is about to be in the member's hands
  const go = (step) => {
    fill(element, step);
    element.querySelector("h1")?.focus();
  };
  const shoot = (id) => go(photos({ member, consent: id }, signal));
  const thank = (given, language) => go(thanks(member, given, language, () => shoot(given.id)));
  const ask = (language) =>
    go(
      notice(member, language, {
        agreed: thank,
        refused: () => go(declined(member, language)),
        again: ask,
      }),
    );
  if (consent) shoot(consent);
  else fill(element, handOver(member, ask));
  return element;
}

// The guide's last look before the phone changes hands.
function handOver(member, ask) {
  const choice = segments(
    t("enrol.language"),
    LANGUAGES.map((one) => ({ ...one, lang: tag(one.id) })),
    member.language,
  );
  return [
    detailBar(t("card.title")),
    h(
      "div",
      { class: "body form centred" },
      h("div", { class: "empty-mark" }, icon("face")),
      h("h1", { tabindex: "-1" }, t("enrol.hand", { name: member.name })),
      h("p", { class: "lead" }, t("enrol.hand.hint")),
      choice.element,
    ),
    h(
      "div",
      { class: "dock" },
      button(t("enrol.show"), () => ask(choice.value()), { kind: "primary wide" }),
    ),
  ];
}

// In the member's language from here on; both answers weigh the same.
function notice(member, language, { agreed, refused, again }) {
  const say = speaking(language);
  const text = h("div", { class: "body notice" }, skeleton(3));
  const error = h("p", { class: "field-error", role: "alert" });
  const yes = button(say("enrol.agree"), () => agree(), { kind: "answer", disabled: true });
  const no = button(say("enrol.decline"), refused, { kind: "answer" });
  let version = null;
  const load = async () => {
    try {
      const shown = await api.notice(language);
      version = shown.version;
      yes.textContent = shown.agree_label;
      yes.disabled = false;
      fill(
        text,
        h("h1", { tabindex: "-1" }, shown.title),
        shown.paragraphs.map((paragraph) => h("p", {}, paragraph)),
      );
    } catch (cause) {
      fill(text, failure(cause, load));
    }
  };
  const agree = async () => {
    yes.disabled = true;
    error.textContent = "";
    try {
      agreed(await api.consent(member.id, language, version), language);
    } catch (cause) {
      error.textContent = explain(cause);
      yes.disabled = false;
    }
  };
  load();
  const other = LANGUAGES.find((one) => one.id !== language);
  return h(
    "div",
    { class: "member-side", lang: tag(language) },
    h(
      "div",
      { class: "bar" },
      iconButton(say("back"), "close", back),
      h("p", { class: "bar-title" }, member.name),
      h(
        "button",
        {
          class: "text-button",
          type: "button",
          lang: tag(other.id),
          on: { click: () => again(other.id) },
        },
        other.name,
      ),
    ),
    text,
    h("div", { class: "dock" }, error, h("div", { class: "choice" }, yes, no)),
  );
}

function declined(member, language) {
  const say = speaking(language);
  return h(
    "div",
    { class: "member-side", lang: tag(language) },
    h(
      "div",
      { class: "body form centred" },
      h("div", { class: "empty-mark" }, icon("check")),
      h("h1", { tabindex: "-1" }, say("enrol.declined")),
      h("p", { class: "lead" }, say("enrol.declined.hint")),
    ),
    h("div", { class: "dock" }, button(say("enrol.return"), back, { kind: "wide" })),
  );
}

function thanks(member, consent, language, next) {
  const say = speaking(language);
  return h(
    "div",
    { class: "member-side", lang: tag(language) },
    h(
      "div",
      { class: "body form centred" },
      h("h1", { tabindex: "-1" }, say("receipt.title", { name: member.name })),
      h("p", { class: "lead" }, say("receipt.hint")),
      receipt(consent, say),
    ),
    h("div", { class: "dock" }, button(say("receipt.next"), next, { kind: "primary wide" })),
  );
}
