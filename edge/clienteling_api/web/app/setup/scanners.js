// The scanners: those that are plugged in, those that are used, and a code to see that one works.

import * as api from "../api.js";
import { every, fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { explain } from "../trouble.js";
import { linkRow } from "../parts/button.js";
import { failure, skeleton } from "../parts/states.js";
import { toast } from "../parts/toast.js";
import { frame } from "./frame.js";
import { model, onModel, refresh, save } from "./model.js";

const WATCH_MS = 1200;
const LEVELS = { ready: "good", connecting: "busy", offline: "bad" };

export function scannersStep({ signal, done }) {
  const used = h("div", { class: "rows" });
  const found = h("div", { class: "rows" });
  let plugged = null;
  const draw = () => {
    const { scanners } = model.settings;
    fill(used, scanners.length ? scanners.map(usedRow) : h("p", { class: "hint" }, t("setup.scanners.unused")));
    if (plugged) fill(found, foundRows(plugged));
  };
  const look = async () => {
    fill(found, skeleton(2));
    try {
      plugged = (await api.findScanners(signal)).scanners;
      if (!signal.aborted) draw();
    } catch (error) {
      if (!signal.aborted) fill(found, failure(error, look));
    }
  };
  onModel(draw, signal);
  draw();
  look();
  every(WATCH_MS, () => model.opening || document.hidden || refresh(), signal);
  return frame(
    { title: t("setup.scanners"), lead: t("setup.scanners.lead"), back: done },
    h("section", { class: "section" }, h("h2", {}, t("setup.scanners.used")), used),
    h("section", { class: "section" }, h("h2", {}, t("setup.scanners.found")), found),
    linkRow("turn", t("setup.cameras.again"), look),
  );
}

// "Scan something now": the number grows with every code, and what it said stays unsaid.
function usedRow(scanner) {
  const { state } = scanner;
  const read = state?.scans ?? 0;
  return h(
    "div",
    { class: "entry" },
    h("span", { class: "mark", data: { level: read ? "good" : LEVELS[state?.status] ?? "plain" } }, icon(read ? "check" : "barcode")),
    h(
      "span",
      { class: "entry-main" },
      h("strong", {}, scanner.place || scanner.id),
      h("small", { role: "status" }, said(state, read)),
    ),
    h(
      "button",
      { class: "text-button danger", type: "button", on: { click: () => change(without(scanner)) } },
      t("setup.scanners.remove"),
    ),
  );
}

function said(state, read) {
  if (read) return t("setup.scanners.read", { n: read });
  if (!state) return t("setup.scanners.starting");
  return state.status === "ready" ? t("setup.scanners.try") : state.detail || t(`scanner.${state.status}`);
}

function foundRows(plugged) {
  const known = new Set(model.settings.scanners.map(({ source }) => source));
  const rest = plugged.filter(({ source }) => !known.has(source));
  if (!rest.length) return h("p", { class: "hint" }, t("setup.scanners.none"));
  return rest.map((device) =>
    h(
      "div",
      { class: "entry" },
      h("span", { class: "mark" }, icon("barcode")),
      h("span", { class: "entry-main" }, h("strong", {}, device.name || device.source), h("small", {}, t(`setup.scanners.${device.kind}`))),
      h(
        "button",
        { class: "text-button", type: "button", on: { click: () => change(together(device)) } },
        t("setup.scanners.use"),
      ),
    ),
  );
}

async function change(scanners) {
  try {
    await save({ scanners });
  } catch (error) {
    toast(explain(error), "trouble");
  }
}

// The gateway keeps the source of those it has, which may hold a password.
const body = ({ id, kind, place }) => ({ scanner_id: id, kind, place });
const without = (gone) => model.settings.scanners.filter(({ id }) => id !== gone.id).map(body);

function together({ kind, source }) {
  const taken = new Set([...model.settings.scanners, ...model.settings.cameras].map(({ id }) => id));
  let n = 1;
  while (taken.has(`till-${n}`)) n += 1;
  const added = { scanner_id: `till-${n}`, kind, source, place: t("setup.scanners.till", { n }) };
  return [...model.settings.scanners.map(body), added];
}
