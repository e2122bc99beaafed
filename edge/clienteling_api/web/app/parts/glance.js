// The answer that is read from an arm's length: colour, picture and word say the same.

import { h } from "../dom.js";
import { icon } from "../icons.js";

/** `tone` is good, bad, done or plain. */
export const glance = (tone, mark, title, hint = "") =>
  h(
    "header",
    { class: "glance", data: { tone } },
    h("span", { class: "glance-mark" }, icon(mark)),
    h("h1", { tabindex: "-1" }, title),
    hint && h("p", {}, hint),
  );
