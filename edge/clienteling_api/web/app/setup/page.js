// The setup page: a list of steps, each done now or later, and one of them open.

import * as api from "../api.js";
import { every, fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { explain } from "../trouble.js";
import { button } from "../parts/button.js";
import { languages } from "../parts/languages.js";
import { failure, skeleton } from "../parts/states.js";
import { toast } from "../parts/toast.js";
import { entrance } from "./entrance.js";
import { forget, model, onModel, refresh } from "./model.js";
import { STEPS, nextStep } from "./steps.js";

const REFRESH_MS = 5000;
let code = "";
let open = null; // the step that is open

/** Take the code out of the address, once. */
export function takeSetupCode() {
  code = decodeURIComponent(location.hash.slice(1));
  history.replaceState({}, "", "/setup");
}

/** The page, until `signal` aborts. */
export function setupPage(signal) {
  const root = h("div", { class: "shell setup", data: { depth: "0" } });
  const enter = () => {
    code = "";
    refresh();
  };
  let shown = null;
  const draw = () => {
    const now = phase();
    if (now === shown) return;
    shown = now;
    fill(root, SCREENS[now](signal, enter));
  };
  onModel(draw, signal);
  draw();
  every(REFRESH_MS, () => document.hidden || model.opening || refresh(), signal);
  return root;
}

function phase() {
  if (model.settings) return "steps";
  if (!model.trouble) return "loading";
  return [401, 403].includes(model.trouble.status) ? "entrance" : "trouble";
}

const SCREENS = {
  loading: () => pane(h("div", { class: "screen lone" }, h("div", { class: "body" }, skeleton(5)))),
  trouble: () =>
    pane(h("div", { class: "screen lone" }, h("div", { class: "body" }, failure(model.trouble, refresh)))),
  entrance: (_, enter) => pane(entrance({ code, foreign: model.trouble.status === 403, enter })),
  steps: (signal) => steps(signal),
};

const pane = (content) => h("main", { class: "pane pane-main" }, content);

function steps(signal) {
  const list = pane(null);
  const detail = h("section", { class: "pane pane-detail", "aria-label": t("detail") });
  let life = new AbortController();
  signal.addEventListener("abort", () => life.abort());
  const show = (name) => {
    life.abort();
    life = new AbortController();
    if (name && !open) history.pushState({ setup: true }, "", "/setup");
    open = name;
    list.parentElement.dataset.depth = name ? "1" : "0";
    drawList();
    if (!name) return void fill(detail, placeholder());
    fill(detail, STEPS[name].view({ signal: life.signal, done: () => show(null) }));
    detail.querySelector("h1")?.focus({ preventScroll: true });
  };
  let drawn = "";
  const drawList = () => {
    const now = JSON.stringify([model.settings, open]);
    if (!model.settings || now === drawn) return;
    drawn = now;
    fill(list, overview(show));
  };
  addEventListener("popstate", () => open && show(null), { signal });
  onModel(drawList, signal);
  queueMicrotask(() => show(open));
  return [banner(signal), list, detail];
}

const placeholder = () =>
  h("div", { class: "placeholder" }, icon("shop"), h("p", {}, t("setup.none")));

function overview(show) {
  const { settings } = model;
  const next = nextStep(settings);
  return h(
    "div",
    { class: "screen" },
    h(
      "header",
      { class: "title setup-title" },
      h("h1", { tabindex: "-1" }, t("setup.title")),
      h("p", { class: "count" }, `${settings.store.name} · Regulars ${settings.version}`),
    ),
    h(
      "div",
      { class: "body" },
      h("ol", { class: "setup-steps" }, Object.keys(STEPS).map((name, at) => row(name, at + 1, show))),
      languages(),
    ),
    h(
      "div",
      { class: "dock" },
      next && button(t("setup.next", { step: t(`setup.${next}`) }), () => show(next), { kind: "primary wide" }),
      settings.managers > 0 && settings.role === "technician" && finish(next),
      settings.role === "manager" &&
        button(t("setup.to_app"), () => location.assign("/"), { kind: "wide" }),
    ),
  );
}

function row(name, number, show) {
  const step = STEPS[name];
  const done = step.done(model.settings);
  return h(
    "li",
    {},
    h(
      "button",
      {
        class: "step",
        type: "button",
        "aria-current": open === name ? "step" : null,
        on: { click: () => show(name) },
      },
      h("span", { class: "step-mark", data: { done } }, done ? icon("check") : String(number)),
      h(
        "span",
        { class: "entry-main" },
        h("strong", {}, t(`setup.${name}`)),
        h("small", {}, step.says(model.settings)),
      ),
      done && h("span", { class: "visually-hidden" }, t("setup.done")),
      icon("forward", "small"),
    ),
  );
}

function finish(next) {
  const end = async () => {
    try {
      await api.endSetup();
      forget();
      location.assign("/");
    } catch (error) {
      toast(explain(error), "trouble");
    }
  };
  return button(t("setup.finish"), end, { mark: "check", kind: next ? "wide" : "primary wide" });
}

// Says what is so: that the gateway opens anew, or that it was not reached.
function banner(signal) {
  const words = h("span");
  const element = h("p", { class: "banner", role: "status", hidden: true }, icon("turn"), words);
  const draw = () => {
    const away = model.trouble?.code === "offline";
    const claimed = away && model.settings?.claim?.state === "waiting"; // so it opens as that store
    const offline = away && !model.opening && !claimed;
    element.hidden = !model.opening && !away;
    element.dataset.link = offline ? "offline" : "connecting";
    words.textContent = t(offline ? "setup.offline" : "setup.opening");
  };
  onModel(draw, signal);
  draw();
  return element;
}
