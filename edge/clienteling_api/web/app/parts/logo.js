// The sign of the app: an open door, and someone expected.

import { svg } from "../dom.js";

export const logo = () =>
  svg(
    "svg",
    { class: "logo", viewBox: "0 0 64 64", role: "img", "aria-label": "Regulars" },
    svg("rect", { class: "logo-ground", width: 64, height: 64, rx: 16 }),
    svg("path", { class: "logo-door", d: "M18 52V29a14 14 0 0 1 28 0v23Z" }),
    svg("circle", { class: "logo-head", cx: 32, cy: 30, r: 5.5 }),
    svg("path", { class: "logo-head", d: "M21.5 52a10.5 10.5 0 0 1 21 0Z" }),
  );
