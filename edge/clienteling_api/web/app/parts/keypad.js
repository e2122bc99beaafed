// Codes that a person reads out: digits in groups on large keys, or letters in a field.

import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { button } from "./button.js";
import { field } from "./form.js";
import { sheet } from "./sheet.js";

const GROUP = 4;
const LONGEST = 24;

/** "1234 5678 9" */
const grouped = (digits) => digits.match(new RegExp(`.{1,${GROUP}}`, "g"))?.join(" ") ?? "";

/** `onCode` gets what was typed, without the gaps. */
export function keypad(onCode) {
  sheet(t("keypad.title"), (close) => {
    const body = h("div", { class: "sheet-body" });
    const give = (text) => {
      close();
      onCode(text);
    };
    const digits = () => fill(body, numbers(give), button(t("keypad.letters"), letters));
    const letters = () => fill(body, words(give), button(t("keypad.digits"), digits));
    digits();
    return body;
  });
}

function numbers(give) {
  let typed = "";
  const shown = h("output", { class: "typed", "aria-label": t("keypad.typed") });
  const go = button(t("keypad.go"), () => give(typed), { kind: "primary wide" });
  const draw = () => {
    shown.textContent = grouped(typed) || "\u00a0";
    go.disabled = typed.length < GROUP;
  };
  const press = (digit) => () => {
    if (typed.length < LONGEST) typed += digit;
    draw();
  };
  const erase = () => {
    typed = typed.slice(0, -1);
    draw();
  };
  draw();
  const key = (digit) => h("button", { class: "key", type: "button", on: { click: press(digit) } }, digit);
  return [
    shown,
    h(
      "div",
      { class: "keys" },
      [..."123456789"].map(key),
      h("span"),
      key("0"),
      h(
        "button",
        { class: "key", type: "button", "aria-label": t("keypad.erase"), on: { click: erase } },
        icon("erase"),
      ),
    ),
    go,
  ];
}

function words(give) {
  const typed = field(t("keypad.code"), {
    autocapitalize: "characters",
    autofocus: true,
    maxlength: 400,
    spellcheck: "false",
  });
  const submit = (event) => {
    event.preventDefault();
    const text = typed.input.value.trim();
    if (text.length < GROUP) return typed.fail(t("checkin.short"));
    return give(text);
  };
  return h(
    "form",
    { class: "stack", on: { submit } },
    typed.element,
    h("button", { class: "button primary wide", type: "submit" }, t("keypad.go")),
  );
}
