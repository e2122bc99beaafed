// A step of several screens, one at a time: its list, and what is opened from there.

import { fill, h } from "../dom.js";

/** Begins with `list`. A screen replaces the one before it; each way `home` leads to the list. */
export function stages(list, { signal, done }) {
  const element = h("div", { class: "stages" });
  let life = new AbortController();
  signal.addEventListener("abort", () => life.abort());
  const go = (stage, ...what) => {
    life.abort();
    life = new AbortController();
    fill(element, stage(...what, { signal: life.signal, go, home, done }));
    element.querySelector("h1")?.focus({ preventScroll: true });
  };
  const home = () => go(list);
  home();
  return element;
}
