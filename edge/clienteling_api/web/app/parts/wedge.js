// A handheld whose wedge types: a burst of keys that ends in Enter or Tab.
//
// Some send keys wherever the focus is, others only write into a field: for those there is one
// that nobody sees and that opens no keyboard.

import { h } from "../dom.js";
import { t } from "../i18n.js";

const GAP_MS = 200; // a silence that ends a code: wedges type a key every 1 to 50 ms
const SHORTEST = 3;
const LONGEST = 8192; // the fullest QR code holds 7,089 digits
const GROUP_SEPARATOR = "\u001d";

/** `onCode` gets each text, `onTooLong` is told of a burst without an end; returns the field. */
export function wedge(signal, { onCode, onTooLong }) {
  const field = h("input", {
    class: "visually-hidden",
    autocomplete: "off",
    inputmode: "none",
    tabindex: "-1",
    autofocus: true,
    "aria-label": t("scan.wedge"),
  });
  let typed = "";
  let spoilt = false;
  let at = 0;
  const forget = () => {
    typed = field.value = "";
    spoilt = false;
  };
  const end = (event) => {
    const text = typed.length >= field.value.length ? typed : field.value;
    const burst = spoilt || text.length >= SHORTEST;
    if (burst) {
      // Enter would press the button that has the focus.
      event.preventDefault();
      event.stopPropagation();
      if (spoilt) onTooLong();
      else onCode(text);
    }
    forget();
  };
  const key = (event) => {
    if (event.target !== field && event.target.closest?.("input, textarea, select")) return;
    if (event.timeStamp - at > GAP_MS) forget();
    at = event.timeStamp;
    if (event.key === "Enter" || event.key === "Tab") return void end(event);
    const character = event.ctrlKey && event.key === "]" ? GROUP_SEPARATOR : event.key;
    if (character.length !== 1 || (event.ctrlKey && character !== GROUP_SEPARATOR)) return;
    if (typed && event.target !== field) event.preventDefault(); // a blank presses buttons, too
    if (typed.length < LONGEST) typed += character;
    else spoilt = true;
  };
  field.addEventListener("input", (event) => (at = event.timeStamp));
  addEventListener("keydown", key, { capture: true, signal });
  return field;
}
