// A short sentence that comes and goes; read aloud by screen readers.

import { h } from "../dom.js";
import { icon } from "../icons.js";

const SHOWN_MS = 3500;

/** `next` is what can follow: `{words, act}` becomes a button, and the toast stays longer. */
export function toast(text, kind = "done", next = null) {
  const element = h(
    "p",
    { class: `toast ${kind}` },
    icon(kind === "trouble" ? "warn" : "check"),
    h("span", {}, text),
    next && h("button", { class: "toast-next", type: "button", on: { click: go } }, next.words),
  );
  function go() {
    element.remove();
    next.act();
  }
  document.getElementById("toasts").replaceChildren(element);
  setTimeout(() => element.remove(), kind === "trouble" || next ? SHOWN_MS * 2 : SHOWN_MS);
}
