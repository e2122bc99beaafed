// The check-up: what the doctor finds of this machine, the worst first, and what to do about it.

import * as api from "../api.js";
import { h } from "../dom.js";
import { clock, day } from "../format.js";
import { has, t } from "../i18n.js";
import { icon } from "../icons.js";
import { followed, section } from "../parts/followed.js";
import { state } from "../store.js";

const LEVELS = { red: "bad", yellow: "busy", green: "good" };
const MARKS = { red: "close", yellow: "warn", green: "check" };

export const checkup = (_, signal) =>
  followed({ title: t("doctor.title"), hint: t("doctor.hint"), fetch: api.checkup, draw }, signal);

function draw({ findings, checked_at }) {
  const of = (grade) => findings.filter((finding) => finding.grade === grade);
  const todo = [...of("red"), ...of("yellow")];
  return [
    whole(of("red").length, of("yellow").length),
    todo.length > 0 && section(t("doctor.todo"), rows(todo)),
    section(t("doctor.fine"), rows(of("green"))),
    h("p", { class: "version muted" }, t("doctor.at", { time: clock(checked_at) })),
  ];
}

function whole(red, yellow) {
  const level = red ? "bad" : yellow ? "busy" : "good";
  return h(
    "section",
    { class: "section line-status", data: { level } },
    h("span", { class: "line-mark" }, icon({ good: "check", busy: "warn", bad: "close" }[level])),
    h("h2", {}, t(`doctor.${level}`, { n: red || yellow })),
    h("p", {}, t(`doctor.${level}.hint`)),
  );
}

const rows = (findings) => h("ul", { class: "rows findings" }, findings.map(row));

function row({ check, grade, said, do: what, key, values }) {
  const told = {
    ...values,
    name: placeOf(values.name),
    date: values.date && day(values.date),
  };
  const known = has(`doctor.${key}`);
  const advice = has(`doctor.${key}.do`) ? t(`doctor.${key}.do`, told) : what;
  return h(
    "li",
    { class: "entry" },
    h(
      "span",
      {
        class: "mark",
        data: { level: LEVELS[grade] },
        role: "img",
        "aria-label": t(`doctor.${LEVELS[grade]}.one`),
      },
      icon(MARKS[grade]),
    ),
    h(
      "span",
      { class: "entry-main" },
      h("strong", {}, titleOf(check, key, told)),
      h("small", {}, known ? t(`doctor.${key}`, told) : said),
      advice && h("p", { class: "advice" }, advice),
    ),
  );
}

// The gateway's own words stand where the dictionary has none, so that nothing is left out.
function titleOf(check, key, told) {
  const names = [check, key.split(".")[0]].map((name) => `doctor.check.${name}`);
  const known = names.find(has);
  return known ? t(known, told) : check;
}

function placeOf(name) {
  const device = [...(state.cameras ?? []), ...(state.scanners ?? [])].find(
    ({ state: seen }) => (seen.camera_id ?? seen.scanner_id) === name,
  );
  return device?.place || name;
}
