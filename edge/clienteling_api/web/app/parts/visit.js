// A visit's claim as a badge, and the two answers to it.

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { answer } from "../visits.js";
import { button } from "./button.js";

const CERTAIN = { code: "card", phone: "phone", guide: "hand", face: "face" };

/** "Possibly", "Confirmed", "By card" …; colour, icon and word all say it. */
export function claim(visit) {
  if (visit.claim === "possible")
    return h("span", { class: "badge possible" }, icon("face"), t("claim.possible"));
  if (visit.claim === "confirmed")
    return h("span", { class: "badge confirmed" }, icon("check"), t("claim.confirmed"));
  return h(
    "span",
    { class: "badge certain" },
    icon(CERTAIN[visit.arrived_by]),
    t(`arrived.${visit.arrived_by}`),
  );
}

/** The two answers, of equal size; both rest while one is on its way. */
export function answers(visit, done = () => {}) {
  const { name } = visit.member;
  const give = (confirmed) => async (event) => {
    event.stopPropagation();
    row.inert = true;
    if (await answer(visit, confirmed)) done();
    row.inert = false;
  };
  const row = h(
    "div",
    { class: "answers" },
    button(t("answer.no"), give(false), {
      mark: "close",
      "aria-label": t("answer.no.of", { name }),
    }),
    button(t("answer.yes"), give(true), {
      mark: "check",
      kind: "primary",
      "aria-label": t("answer.yes.of", { name }),
    }),
  );
  return row;
}
