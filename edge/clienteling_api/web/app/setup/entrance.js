// Before the setup: the code from the console, which came with the address or is typed.

import * as api from "../api.js";
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { explain } from "../trouble.js";
import { linkRow } from "../parts/button.js";
import { field } from "../parts/form.js";
import { logo } from "../parts/logo.js";

const REASONS = { bad_request: "pair.wrong", gone: "setup.code.gone", too_many_tries: "pair.many" };

/** `foreign`: this browser belongs to somebody of the shop already, and would no longer. */
export function entrance({ code, foreign, enter }) {
  const typed = field(
    t("pair.code"),
    { value: code, maxlength: 64, autocapitalize: "characters", spellcheck: "false" },
    t("setup.code.hint"),
  );
  const go = h(
    "button",
    { class: "button primary wide", type: "submit", form: "entrance" },
    t("setup.code.go"),
  );
  const submit = async (event) => {
    event.preventDefault();
    const text = typed.input.value.trim();
    if (text.length < 4) return typed.fail(t("setup.code.missing"));
    go.disabled = true;
    try {
      await api.pair(text, t("setup.device"));
      enter();
    } catch (error) {
      typed.element.hidden = false;
      typed.fail(REASONS[error.code] ? t(REASONS[error.code]) : explain(error));
      go.disabled = false;
    }
    return undefined;
  };
  typed.element.hidden = Boolean(code);
  return h(
    "div",
    { class: "screen lone" },
    h(
      "form",
      { class: "body form", id: "entrance", novalidate: true, on: { submit } },
      logo(),
      h("h1", { tabindex: "-1" }, t("setup.title")),
      h("p", { class: "lead" }, t(code ? "setup.lead.code" : "setup.lead")),
      foreign && h("p", { class: "notice-line" }, t("setup.foreign")),
      !code && h("p", { class: "console mono" }, "sudo regulars setup"),
      typed.element,
      linkRow("shield", t("setup.trust"), () => location.assign("/trust")),
    ),
    h("div", { class: "dock" }, go),
  );
}
