// The frame around the tabs: panes, navigation, and the banner that says how fresh they are.

import { every, fill, h } from "./dom.js";
import { span } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { onPlace, place, show } from "./router.js";
import { state, watch } from "./store.js";
import { audit } from "./views/audit.js";
import { card } from "./views/card.js";
import { checkup } from "./views/checkup.js";
import { enrollment } from "./views/enrollment.js";
import { guards } from "./views/guards.js";
import { headquarters } from "./views/headquarters.js";
import { invitation } from "./views/invitation.js";
import { load } from "./views/load.js";
import { members } from "./views/members.js";
import { now } from "./views/now.js";
import { pass } from "./views/pass.js";
import { profile } from "./views/profile.js";
import { scan } from "./views/scan.js";
import { shop } from "./views/shop.js";
import { verdict } from "./views/verdict.js";
import { withdrawal } from "./views/withdrawal.js";

const TABS = { now, scan, members, shop };
const DETAILS = {
  audit,
  card,
  checkup,
  enrollment,
  guards,
  headquarters,
  invitation,
  load,
  pass,
  profile,
  verdict,
  withdrawal,
};
const ICONS = { now: "door", scan: "scan", members: "search", shop: "shop" };

let mounted = []; // {entry, element, end} for the tab and each detail above it

/** The app's frame. Panes follow the router until `signal` aborts. */
export function shell(signal) {
  const frame = {
    main: h("main", { class: "pane pane-main" }),
    detail: h("section", { class: "pane pane-detail", "aria-label": t("detail") }),
    nav: h("nav", { class: "nav", "aria-label": t("nav") }),
  };
  frame.element = h("div", { class: "shell" }, banner(signal), frame.main, frame.detail, frame.nav);
  signal.addEventListener("abort", () => unmount(mounted.splice(0)));
  const draw = () => signal.aborted || settle(frame);
  onPlace(draw);
  draw();
  return frame.element;
}

function settle(frame) {
  const { tab, stack } = place();
  const wanted = [tabEntry(tab), ...stack];
  const kept = mounted.findIndex(({ entry }, index) => entry !== wanted[index]);
  if (kept >= 0) unmount(mounted.splice(kept));
  const added = wanted.slice(mounted.length);
  mounted.push(...added.map((entry) => mount(entry, frame)));
  mounted.forEach(({ element }, index) => {
    element.hidden = index > 0 && index < mounted.length - 1;
  });
  const top = mounted.at(-1).element;
  frame.element.dataset.depth = String(stack.length);
  frame.element.toggleAttribute("data-immersive", top.classList.contains("immersive"));
  if (!stack.length) fill(frame.detail, placeholder(tab));
  fill(
    frame.nav,
    Object.keys(TABS).map((name) => item(name, name === tab)),
  );
  if (added.length) greet(top);
}

const entries = new Map();

// The same tab is the same entry, so that it stays mounted under its details.
function tabEntry(name) {
  if (!entries.has(name)) entries.set(name, { name });
  return entries.get(name);
}

function mount(entry, frame) {
  const life = new AbortController();
  const isTab = entry.name in TABS;
  const element = (TABS[entry.name] ?? DETAILS[entry.name])(entry.params ?? {}, life.signal);
  if (isTab) fill(frame.main, element);
  else {
    frame.detail.querySelector(".placeholder")?.remove();
    frame.detail.append(element);
  }
  return { entry, element, end: () => life.abort() };
}

function unmount(gone) {
  for (const { element, end } of gone) {
    end();
    element.remove();
  }
}

// Focus goes to what was opened, so that a screen reader and a keyboard start there.
function greet(element) {
  const target =
    element.querySelector("[autofocus]") ??
    element.querySelector("h1") ??
    element.querySelector(".bar button");
  target?.focus({ preventScroll: true });
}

const placeholder = (tab) =>
  h("div", { class: "placeholder" }, icon(ICONS[tab]), h("p", {}, t(`detail.${tab}`)));

function item(name, current) {
  return h(
    "button",
    {
      class: "nav-item",
      type: "button",
      "aria-current": current ? "page" : null,
      on: { click: () => show(name) },
    },
    icon(ICONS[name]),
    h("span", {}, t(`nav.${name}`)),
  );
}

// Says only what is known: since when nothing was heard, never that all is well.
function banner(signal) {
  const element = h("p", { class: "banner", role: "status", hidden: true });
  const words = h("span");
  element.append(icon("offline"), words);
  const draw = () => {
    element.hidden = state.link === "live" || !state.loaded;
    if (element.hidden) return;
    element.dataset.link = state.link;
    const text = t(`link.${state.link}`, { age: span(Date.now() - state.heardAt) });
    if (words.textContent !== text) words.textContent = text;
  };
  watch(["link", "loaded"], draw, signal);
  every(1000, draw, signal);
  return element;
}
