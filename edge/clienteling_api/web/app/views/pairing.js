// Pairing: the code comes with the QR, or is typed; the phone says what it is called.

import * as api from "../api.js";
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { begin } from "../session.js";
import { explain } from "../trouble.js";
import { linkRow } from "../parts/button.js";
import { field } from "../parts/form.js";
import { languages } from "../parts/languages.js";
import { logo } from "../parts/logo.js";

/** The code of the address that opened the app, taken out of it at once. */
export function takeCode() {
  if (location.pathname !== "/pair") return "";
  const code = decodeURIComponent(location.hash.slice(1));
  history.replaceState({ depth: 0 }, "", "/");
  return code;
}

/** `trust` shows how a phone comes to trust the gateway. */
export function pairing({ code, why, trust }) {
  const device = field(
    t("pair.device"),
    { value: deviceName(), maxlength: 80 },
    t("pair.device.hint"),
  );
  const typed = field(
    t("pair.code"),
    { value: code, maxlength: 64, autocapitalize: "characters", spellcheck: "false" },
    t("pair.code.hint"),
  );
  typed.element.hidden = Boolean(code);
  const go = h(
    "button",
    { class: "button primary wide", type: "submit", form: "pairing" },
    t("pair.go"),
  );
  const submit = async (event) => {
    event.preventDefault();
    const text = typed.input.value.trim();
    if (text.length < 4) return typed.fail(t("pair.code.missing"));
    go.disabled = true;
    try {
      await api.pair(text, device.input.value.trim() || deviceName());
      await begin();
    } catch (error) {
      typed.element.hidden = false;
      typed.fail(reason(error));
      go.disabled = false;
    }
    return undefined;
  };
  return h(
    "main",
    { class: "screen lone" },
    h(
      "form",
      { class: "body form", id: "pairing", novalidate: true, on: { submit } },
      logo(),
      h("h1", { tabindex: "-1" }, t(why ? "pair.again" : "pair.title")),
      h(
        "p",
        { class: why ? "lead notice-line" : "lead" },
        t(why ?? (code ? "pair.lead.code" : "pair.lead")),
      ),
      typed.element,
      device.element,
      linkRow("shield", t("pair.trust"), trust),
      languages(),
    ),
    h("div", { class: "dock" }, go),
  );
}

const REASONS = { bad_request: "pair.wrong", gone: "pair.gone", too_many_tries: "pair.many" };

const reason = (error) => (REASONS[error.code] ? t(REASONS[error.code]) : explain(error));

function deviceName() {
  const agent = navigator.userAgent;
  const known = [
    ["iPad", "iPad"],
    ["iPhone", "iPhone"],
    ["Android", "Android"],
    ["Windows", "Windows"],
    ["Macintosh", "Mac"],
  ];
  const found = known.find(([mark]) => agent.includes(mark));
  return t("pair.device.of", { kind: found ? found[1] : "Linux" });
}
