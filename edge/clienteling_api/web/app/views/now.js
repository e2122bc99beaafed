// In store now: who is here, newest first.

import { every, fill, h, keyed } from "../dom.js";
import { elapsed } from "../format.js";
import { t } from "../i18n.js";
import { openOnly } from "../router.js";
import { listen } from "../session.js";
import { state, watch } from "../store.js";
import { newestFirst } from "../visits.js";
import { avatar, quietMark, sizeMarks } from "../parts/member.js";
import { attackNotice } from "../parts/attack.js";
import { checkIn } from "../parts/checkin.js";
import { empty, failure, skeleton } from "../parts/states.js";
import { eyes } from "../parts/eyes.js";
import { claim } from "../parts/visit.js";
import { button } from "../parts/button.js";

export function now(_, signal) {
  const count = h("p", { class: "count" });
  const list = h("ul", { class: "visits", "aria-label": t("now.title") });
  const body = h("div", { class: "body" });
  const draw = () => {
    count.textContent = state.visits.size ? t("now.count", { n: state.visits.size }) : "";
    if (!state.loaded)
      return fill(body, state.trouble ? failure(state.trouble, listen) : skeleton());
    if (!state.visits.size) return fill(body, empty("door", t("now.empty"), t("now.empty.hint")));
    if (body.firstChild !== list) fill(body, list);
    return keyed(list, newestFirst(), (visit) => visit.id, row, refresh);
  };
  watch(["visits", "loaded", "trouble"], draw, signal);
  every(10_000, () => list.querySelectorAll("time").forEach(tick), signal);
  draw();
  return h(
    "div",
    { class: "screen" },
    h("header", { class: "title" }, h("h1", { tabindex: "-1" }, t("now.title")), count),
    eyes(signal),
    attackNotice(signal),
    body,
    h("div", { class: "dock" }, button(t("checkin"), checkIn, { mark: "plus", kind: "wide" })),
  );
}

function tick(time) {
  time.textContent = elapsed(time.dateTime);
}

function row(visit) {
  const element = h("li", { class: "visit" });
  refresh(element, visit);
  return element;
}

function refresh(element, visit) {
  if (element.visit === visit) return;
  element.visit = visit;
  const { member } = visit;
  const time = h("time", { datetime: visit.opened_at });
  tick(time);
  const open = () => openOnly("card", { id: member.id, reason: "visit" });
  fill(
    element,
    h(
      "button",
      {
        class: "row",
        type: "button",
        on: { click: open },
      },
      avatar(member.name),
      h(
        "span",
        { class: "row-main" },
        h("span", { class: "row-first" }, h("span", { class: "row-name" }, member.name), time),
        h(
          "span",
          { class: "row-marks" },
          claim(visit),
          h("span", { class: "row-sub" }, visit.place),
        ),
        member.do_not_disturb && h("span", { class: "row-marks" }, quietMark()),
        sizeMarks(member.sizes),
      ),
    ),
  );
}
