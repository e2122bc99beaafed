// A camera's state as a picture: never what it sees, only whether it does.

import { svg } from "../dom.js";

/** Its field of view when it is live, waves when it waits, a cross when it is gone. */
export function cameraPicture(status) {
  const level = {
    live: "good",
    connecting: "busy",
    stalled: "busy",
    finished: "plain",
    offline: "bad",
  }[status];
  return svg(
    "svg",
    { class: "camera-picture", viewBox: "0 0 44 44", "data-level": level, "aria-hidden": "true" },
    svg("rect", { class: "ground", width: 44, height: 44, rx: 12 }),
    svg("path", { class: "body", d: "M9 15.5 21 12l3 8.5-12 3.5Z" }),
    svg("path", { class: "line", d: "M15 24v5h-5" }),
    SIGN[status].map((d) => svg("path", { class: "line sign", d })),
  );
}

const SIGN = {
  live: ["M27 17.5 36 15", "M27.5 20.5 36 23", "M25.5 23 31 29.5"],
  connecting: ["M28 22v.01", "M32 22v.01", "M36 22v.01"],
  stalled: ["M29 18v8", "M34 18v8"],
  finished: ["M29 18h7v7h-7Z"],
  offline: ["M29 18l7 7", "M36 18l-7 7"],
};
