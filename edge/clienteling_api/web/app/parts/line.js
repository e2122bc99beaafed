// The line to headquarters in a few words: in the shop, and on a card that may be out of date.

import { now } from "../api.js";
import { fill, h } from "../dom.js";
import { clock, dayAndClock, moment } from "../format.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { openOnly } from "../router.js";
import { state, watch } from "../store.js";

const LEVELS = { in_line: "good", connecting: "plain", catching_up: "plain", down: "busy" };
const DAY_MS = 86_400_000;

export const levelOf = (line) => (line ? LEVELS[line.status] : "off");

/** The line as a row of the shop; for a manager it opens the page about it. */
export function lineSection(signal) {
  const { role } = state.me;
  const section = h("section", { class: "section" });
  const draw = () => {
    const { line, me } = state;
    if (!me) return;
    section.hidden = !line && role !== "manager";
    fill(section, h("h2", {}, t("hq.title")), role === "manager" ? way(line) : row("div", line));
  };
  watch(["line"], draw, signal);
  draw();
  return section;
}

const way = (line) => {
  const element = row("button", line, icon("forward", "small"));
  element.type = "button";
  element.addEventListener("click", () => openOnly("headquarters"));
  return element;
};

const row = (tag, line, ...more) =>
  h(
    tag,
    { class: "entry" },
    h("span", { class: "mark", data: { level: levelOf(line) } }, icon("chain")),
    h(
      "span",
      { class: "entry-main" },
      h("strong", {}, t(`hq.${line?.status ?? "none"}`)),
      h("small", {}, detail(line)),
    ),
    more,
  );

function detail(line) {
  if (!line) return t("hq.none.short");
  if (line.matching_rests) return t("hq.rests");
  if (line.status === "down") return t("hq.since", { time: moment(line.trouble_since_at) });
  return t(`hq.${line.status}.short`);
}

/** Since when the card may be out of date; nothing while headquarters is in line. */
export function asOf(signal) {
  const words = h("span");
  const element = h("p", { class: "as-of", role: "status" }, icon("clock", "small"), words);
  const draw = () => {
    const at = staleSince(state.line);
    element.hidden = !at;
    if (at) words.textContent = t("card.as_of", { time: timeOf(at) });
  };
  watch(["line"], draw, signal);
  draw();
  return element;
}

const staleSince = (line) =>
  line && ["down", "catching_up"].includes(line.status) ? line.in_line_at : null;

const timeOf = (at) => (now() - new Date(at) < DAY_MS ? clock(at) : dayAndClock(at));
