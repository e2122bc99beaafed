// Search: by name, phone or card number.

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { openOnly } from "../router.js";
import { avatar, quietMark, sizeMarks, telling } from "../parts/member.js";
import { checkIn } from "../parts/checkin.js";
import { empty, failure, skeleton } from "../parts/states.js";
import { button } from "../parts/button.js";

const PAUSE_MS = 220; // after the last key, before the gateway is asked

export function members(_, signal) {
  const body = h("div", { class: "body", "aria-live": "polite" });
  const input = h("input", {
    class: "input search-input",
    type: "search",
    "aria-label": t("search.label"),
    placeholder: t("search.label"),
    autocomplete: "off",
    maxlength: 80,
    enterkeyhint: "search",
    on: { input: () => later() },
  });
  let timer = null;
  let asked = null;
  signal.addEventListener("abort", () => clearTimeout(timer));
  const later = () => {
    clearTimeout(timer);
    asked?.abort();
    if (!input.value.trim()) return idle();
    timer = setTimeout(ask, PAUSE_MS);
    return undefined;
  };
  const idle = () => fill(body, empty("search", t("search.idle"), t("search.idle.hint")));
  const ask = async () => {
    const request = new AbortController();
    asked = request;
    const patience = setTimeout(() => fill(body, skeleton(4)), 250);
    try {
      const { members: found } = await api.search(input.value.trim(), request.signal);
      clearTimeout(patience);
      if (!request.signal.aborted) fill(body, found.length ? results(found) : nobody(input.value));
    } catch (error) {
      clearTimeout(patience);
      if (!request.signal.aborted) fill(body, failure(error, ask));
    }
  };
  idle();
  return h(
    "div",
    { class: "screen" },
    h("header", { class: "title" }, h("h1", { tabindex: "-1" }, t("search.title"))),
    h(
      "form",
      { class: "search", role: "search", on: { submit: (event) => event.preventDefault() } },
      icon("search"),
      input,
    ),
    body,
    h(
      "div",
      { class: "dock two" },
      button(t("member.new"), () => openOnly("profile"), { mark: "plus" }),
      button(t("checkin"), checkIn, { mark: "card" }),
    ),
  );
}

const nobody = (text) =>
  h("div", {}, empty("search", t("search.none", { text: text.trim() }), t("search.none.hint")));

const results = (found) =>
  h(
    "ul",
    { class: "visits", "aria-label": t("search.results", { n: found.length }) },
    found.map(row),
  );

function row(member) {
  return h(
    "li",
    { class: "visit" },
    h(
      "button",
      { class: "row", type: "button", on: { click: () => openResult(member) } },
      avatar(member.name),
      h(
        "span",
        { class: "row-main" },
        h(
          "span",
          { class: "row-first" },
          h("span", { class: "row-name" }, member.name),
          member.face_enrolled && enrolled(),
        ),
        h("span", { class: "row-sub" }, telling(member)),
        member.do_not_disturb && h("span", { class: "row-marks" }, quietMark()),
        sizeMarks(member.sizes),
      ),
    ),
  );
}

const enrolled = () =>
  h(
    "span",
    { class: "enrolled" },
    icon("face"),
    h("span", { class: "visually-hidden" }, t("face.on.short")),
  );

const openResult = (member) => openOnly("card", { id: member.id, reason: "search" });
