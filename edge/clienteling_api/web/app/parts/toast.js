// A short sentence that comes and goes; read aloud by screen readers.

import { h } from "../dom.js";
import { icon } from "../icons.js";

const SHOWN_MS = 3500;

export function toast(text, kind = "done") {
  const element = h(
    "p",
    { class: `toast ${kind}` },
    icon(kind === "trouble" ? "warn" : "check"),
    h("span", {}, text),
  );
  document.getElementById("toasts").replaceChildren(element);
  setTimeout(() => element.remove(), kind === "trouble" ? SHOWN_MS * 2 : SHOWN_MS);
}
