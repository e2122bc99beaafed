// Buttons: with words, or with an icon whose name is only spoken.

import { h } from "../dom.js";
import { icon } from "../icons.js";

/** `mark` is an icon before the words, `kind` one of primary, danger, wide, or several. */
export const button = (words, act, { mark = null, kind = "", ...props } = {}) =>
  h(
    "button",
    { class: `button ${kind}`.trim(), type: "button", on: { click: act }, ...props },
    mark && icon(mark),
    words,
  );

export const iconButton = (name, mark, act) =>
  h(
    "button",
    { class: "icon-button", type: "button", "aria-label": name, on: { click: act } },
    icon(mark),
  );

/** A row that leads somewhere: an icon, words, and an arrow. */
export const linkRow = (mark, words, act) =>
  h(
    "button",
    { class: "link-row", type: "button", on: { click: act } },
    icon(mark),
    h("span", {}, words),
    icon("forward", "small"),
  );
