// Scan: whatever code a guide meets, by camera, handheld, keypad or picture.

import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { detected, framed, scanned, uploaded } from "../scans.js";
import { change, state, watch } from "../store.js";
import { newestFirst } from "../visits.js";
import { button } from "../parts/button.js";
import { smaller } from "../parts/image.js";
import { keypad } from "../parts/keypad.js";
import { lens } from "../parts/lens.js";
import { sheet } from "../parts/sheet.js";
import { toast } from "../parts/toast.js";
import { wedge } from "../parts/wedge.js";

export function scan(_, signal) {
  const field = wedge(signal, {
    onCode: (text) => scanned({ text }),
    onTooLong: () => toast(t("codefault.too_long"), "trouble"),
  });
  return h(
    "div",
    { class: "screen scan" },
    h("header", { class: "title" }, h("h1", { tabindex: "-1" }, t("scan.title"))),
    h("div", { class: "body" }, lens(signal, { onRead: detected, onFrame: framed }), field),
    whom(signal),
    h(
      "div",
      { class: "dock two" },
      button(t("scan.type"), () => keypad((text) => scanned({ text })), { mark: "keypad" }),
      upload(),
    ),
  );
}

function upload() {
  const input = h("input", {
    type: "file",
    accept: "image/*",
    class: "visually-hidden",
    "aria-label": t("scan.file"),
    on: {
      change: async () => {
        const [file] = input.files;
        input.value = "";
        if (file) await uploaded(await smaller(file));
      },
    },
  });
  return h("label", { class: "button" }, icon("upload"), t("scan.file"), input);
}

// Whom the guide serves, and which scanner of the shop opens its codes here.
function whom(signal) {
  const row = h("div", { class: "whom" });
  const draw = () => {
    const visit = state.visits.get(state.serving);
    const scanner = state.scanners?.find((one) => one.state.scanner_id === state.follows);
    fill(
      row,
      choice("card", visit ? t("scan.serving", { name: visit.member.name }) : t("scan.serving.none"), {
        chosen: !!visit,
        act: chooseVisit,
      }),
      state.scanners?.length > 0 &&
        choice("barcode", scanner ? t("scan.follows", { place: scanner.place }) : t("scan.follow"), {
          chosen: !!scanner,
          act: chooseScanner,
        }),
    );
  };
  watch(["serving", "visits", "follows", "scanners"], draw, signal);
  draw();
  return row;
}

const choice = (mark, words, { chosen, act }) =>
  h(
    "button",
    { class: "choose", type: "button", "aria-pressed": String(chosen), on: { click: act } },
    icon(mark, "small"),
    h("span", {}, words),
  );

const chooseVisit = () =>
  choose(t("scan.serving.title"), t("scan.serving.nobody"), {
    options: newestFirst().map((visit) => [visit.id, visit.member.name]),
    take: (serving) => change({ serving }),
  });

const chooseScanner = () =>
  choose(t("scan.follow.title"), t("scan.follow.none"), {
    options: state.scanners.map((one) => [one.state.scanner_id, one.place]),
    take: (follows) => change({ follows }),
  });

function choose(title, none, { options, take }) {
  sheet(title, (close) => {
    const pick = (id, words) =>
      button(words, () => (close(), take(id)), { kind: "wide" });
    return h("div", { class: "sheet-body" }, options.map(([id, words]) => pick(id, words)), pick(null, none));
  });
}
