// Where the guide is: one of three tabs, and a stack of details above it.
//
// The address stays `/`: a browser keeps its history past the shift, and it must not name a
// member. The phone's back button works through numbered history entries.

const watchers = new Set();

let tab = "now";
let stack = [];

/** The tab, and the details opened above it: `[{name, params}]`, the top one last. */
export const place = () => ({ tab, stack });

/** Call `fn` after every change of place. */
export function onPlace(fn) {
  watchers.add(fn);
}

const tell = () => watchers.forEach((fn) => fn());

/** Show a tab, with nothing above it. */
export function show(name) {
  tab = name;
  stack = [];
  history.replaceState({ depth: 0 }, "", "/");
  tell();
}

/** Open a detail above what is shown. */
export function open(name, params = {}) {
  stack = [...stack, { name, params }];
  history.pushState({ depth: stack.length }, "", "/");
  tell();
}

/** Open a detail right above the tab, in place of whatever was open. */
export function openOnly(name, params = {}) {
  stack = [{ name, params }];
  history.pushState({ depth: 1 }, "", "/");
  tell();
}

/** Put another detail in place of the top one. */
export function swap(name, params = {}) {
  stack = [...stack.slice(0, -1), { name, params }];
  history.replaceState({ depth: stack.length }, "", "/");
  tell();
}

/** Close the top detail. */
export function back() {
  if (!stack.length) return;
  stack = stack.slice(0, -1);
  history.replaceState({ depth: stack.length }, "", "/");
  tell();
}

/** Forget where the guide was. */
export function reset() {
  tab = "now";
  stack = [];
  history.replaceState({ depth: 0 }, "", "/");
}

addEventListener("popstate", () => {
  if (!stack.length) return;
  stack = stack.slice(0, -1);
  tell();
});
