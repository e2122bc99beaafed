// The scanners: those that are plugged in, those that are used, and a code to see that one works.

import * as api from "../api.js";
import { every, fill, h } from "../dom.js";
import { language, t } from "../i18n.js";
import { icon } from "../icons.js";
import { explain } from "../trouble.js";
import { linkRow } from "../parts/button.js";
import { failure, skeleton } from "../parts/states.js";
import { toast } from "../parts/toast.js";
import { wedge } from "../parts/wedge.js";
import { frame } from "./frame.js";
import { model, onModel, refresh, save } from "./model.js";
import { networkScannerForm } from "./network_scanner.js";
import { stages } from "./stages.js";
import { together, without } from "./till.js";

const WATCH_MS = 1200;
const LEVELS = { ready: "good", connecting: "busy", offline: "bad" };

export const scannersStep = (context) => stages(list, context);

function list({ signal, go, done }) {
  const used = h("div", { class: "rows" });
  const found = h("div", { class: "rows" });
  const here = h("div", { class: "rows" }, handheldRow(0));
  let plugged = null;
  let drawn = "";
  let typed = 0;
  // What types into this page is a handheld at this phone, which the gateway does not see.
  const field = wedge(signal, {
    onCode: () => fill(here, handheldRow((typed += 1))),
    onTooLong: () => toast(t("codefault.too_long"), "trouble"),
  });
  const draw = () => {
    const { scanners } = model.settings;
    const now = JSON.stringify([scanners, plugged]);
    if (now === drawn) return; // a button that is drawn anew loses the focus
    drawn = now;
    fill(used, scanners.length ? scanners.map(usedRow) : h("p", { class: "hint" }, t("setup.scanners.unused")));
    if (plugged) fill(found, foundRows(plugged));
  };
  const look = async () => {
    fill(found, skeleton(2));
    try {
      drawn = "";
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
    linkRow("edit", t("setup.scanners.network"), () => go(networkScannerForm)),
    h("section", { class: "section" }, h("h2", {}, t("setup.scanners.here")), here, field),
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

function handheldRow(read) {
  const words = read ? t("setup.scanners.read", { n: read }) : t("setup.scanners.handheld.try");
  return h(
    "div",
    { class: "entry" },
    h("span", { class: "mark", data: { level: read ? "good" : "plain" } }, icon(read ? "check" : "barcode")),
    h("span", { class: "entry-main" }, h("strong", {}, t("setup.scanners.handheld")), h("small", { role: "status" }, words)),
  );
}

function said(state, read) {
  if (read) return t("setup.scanners.read", { n: read });
  if (!state) return t("setup.scanners.starting");
  if (state.status === "ready") return t("setup.scanners.try");
  const words = t(`scanner.${state.status}`);
  return language() === "en" ? state.detail || words : words; // the detail is in English
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
