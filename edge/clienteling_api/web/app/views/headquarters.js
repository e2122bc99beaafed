// The line to headquarters, for a manager: how it is, what waits, and what nobody would take.

import * as api from "../api.js";
import { h } from "../dom.js";
import { ago, clock, dayAndClock, decimal, elapsed, moment } from "../format.js";
import { has, t } from "../i18n.js";
import { icon } from "../icons.js";
import { state } from "../store.js";
import { explain } from "../trouble.js";
import { button } from "../parts/button.js";
import { amount, sparkline } from "../parts/chart.js";
import { axis, fact, followed, section } from "../parts/followed.js";
import { levelOf } from "../parts/line.js";
import { empty } from "../parts/states.js";
import { toast } from "../parts/toast.js";

const DAY_MS = 86_400_000;
const BYTES = [
  ["hq.gigabytes", 1e9],
  ["hq.megabytes", 1e6],
  ["hq.kilobytes", 1e3],
];

export const headquarters = (_, signal) =>
  followed(
    { title: t("hq.title"), hint: state.me.store_name, fetch: api.headquarters, draw },
    signal,
  );

function draw(now, refresh) {
  if (!now.line) return empty("chain", t("hq.none"), t("hq.none.hint"));
  return [
    status(now),
    now.matching_rests && resting(now),
    now.line.status === "down" && lasting(now),
    waiting(now),
    held(now, refresh),
    now.line.status !== "down" && lasting(now),
    now.leases.length > 0 && leases(now),
    h("p", { class: "version muted" }, sentSoFar(now)),
  ];
}

function status({ line, waiting: n }) {
  return h(
    "section",
    { class: "section line-status", data: { level: levelOf(line) } },
    h("span", { class: "line-mark" }, icon(line.status === "down" ? "offline" : "chain")),
    h("h2", {}, t(`hq.${line.status}`)),
    h("p", {}, said(line, n)),
    line.status === "down" && h("p", { class: "line-why" }, trouble(line.trouble)),
    line.status === "catching_up" && progress(line),
  );
}

function said(line, n) {
  if (line.status === "down")
    return [
      t("hq.since", { time: moment(line.trouble_since_at) }),
      n ? t("hq.down.waiting", { n }) : t("hq.down.idle"),
    ].join(t("hq.joint"));
  if (line.status === "in_line") return t("hq.in_line.hint", { time: ago(line.heard_at) });
  return t(`hq.${line.status}.hint`);
}

const trouble = (code) => word("hq.trouble", code);

// The gateway's own word stands where the dictionary has none, so that nothing is left out.
const word = (kind, code) => (has(`${kind}.${code}`) ? t(`${kind}.${code}`) : code);

function progress({ remaining, remaining_of: of }) {
  const done = of ? 1 - remaining / of : 0;
  return h(
    "ul",
    { class: "amounts" },
    amount(t("hq.remaining"), done, decimal(remaining), "good"),
  );
}

const resting = ({ line }) =>
  h(
    "section",
    { class: "section resting" },
    icon("face"),
    h("h2", {}, t("hq.rests")),
    h("p", {}, t(line.in_line_at ? "hq.rests.why" : "hq.rests.never")),
    h("p", { class: "hint" }, t("hq.rests.until")),
  );

function lasting({ line, matching_ends_at: end }) {
  if (!end || !state.me.face_matching) return null;
  const left = new Date(end) - api.now();
  return section(
    t("hq.lease"),
    h(
      "ul",
      { class: "amounts" },
      amount(
        t("hq.lease.left"),
        left / DAY_MS,
        elapsed(api.now(), new Date(end)),
        left < DAY_MS / 4 ? "busy" : "good",
      ),
    ),
    h(
      "p",
      { class: "hint" },
      t(line.status === "down" ? "hq.lease.down" : "hq.lease.hint", { time: timeOf(end) }),
    ),
  );
}

function waiting(now) {
  const values = now.waiting_lately;
  const most = Math.max(5, ...values);
  const oldest = now.oldest_at ? elapsed(now.oldest_at) : "–";
  return section(
    t("hq.waiting"),
    h(
      "dl",
      { class: "facts" },
      fact(t("hq.messages"), String(now.waiting)),
      fact(t("hq.oldest"), oldest),
    ),
    h(
      "div",
      { class: "plot" },
      h("span", { class: "plot-most", "aria-hidden": "true" }, String(most)),
      sparkline({
        values,
        marks: [],
        most: most * 1.12,
        slots: now.most_points,
        label: t("hq.waiting.words", { n: now.waiting, most: Math.max(0, ...values) }),
      }),
    ),
    axis(now),
  );
}

function held(now, refresh) {
  const { messages, changes, messages_held: up, changes_held: down } = now;
  if (!up && !down)
    return section(t("hq.held"), h("p", { class: "hint" }, t("hq.held.none")));
  const again = button(t("retry"), tryAgain, { mark: "turn", kind: "wide" });
  async function tryAgain() {
    again.disabled = true;
    try {
      const tried = await api.tryAgain();
      toast(t("hq.again", { n: tried.messages + tried.changes }));
    } catch (error) {
      toast(explain(error), "trouble");
    }
    await refresh();
  }
  return section(
    t("hq.held"),
    h("p", { class: "hint" }, t("hq.held.hint")),
    up > 0 && [
      h("h3", {}, t("hq.held.up", { n: up })),
      h("ul", { class: "trail" }, messages.map((one) => kept("hq.held", one, one.told_at))),
    ],
    down > 0 && [
      h("h3", {}, t("hq.held.down", { n: down })),
      h("ul", { class: "trail" }, changes.map((one) => kept("hq.change", one, one.refused_at))),
    ],
    again,
  );
}

const kept = (advice, { kind, code }, at) =>
  h(
    "li",
    {},
    h("strong", {}, word("hq.kind", kind || "unknown")),
    at && h("time", { datetime: at }, timeOf(at)),
    h("span", {}, word(advice, code)),
  );

const timeOf = (at) => (Math.abs(api.now() - new Date(at)) < DAY_MS / 2 ? clock(at) : dayAndClock(at));

const leases = ({ leases: all }) =>
  section(
    t("hq.leases"),
    h("p", { class: "hint" }, t("hq.leases.hint")),
    h(
      "ul",
      { class: "amounts" },
      all.map(({ campaign, uses, taken, expires_at: end }) =>
        amount(
          t("hq.leases.until", { campaign, time: timeOf(end) }),
          uses ? taken / uses : 0,
          t("hq.leases.taken", { taken, n: uses }),
          "good",
        ),
      ),
    ),
  );

function sentSoFar({ line, messages_sent: n, bytes_sent: bytes }) {
  const [unit, size] = BYTES.find(([, least]) => bytes >= least) ?? BYTES.at(-1);
  const volume = t(unit, { n: decimal(bytes / size) });
  return t("hq.sent", { by: line.transport.toUpperCase(), n, volume });
}
