// How it runs: cameras, speed, load and decisions of the last minutes, as pictures.

import * as api from "../api.js";
import { h } from "../dom.js";
import { decimal } from "../format.js";
import { has, t } from "../i18n.js";
import { cameraPicture } from "../parts/camera.js";
import { amount, bands, gauge, legend, sparkline } from "../parts/chart.js";
import { axis, fact, followed, section } from "../parts/followed.js";
import { empty } from "../parts/states.js";
import { state } from "../store.js";

const TOGETHER = 3; // points to a bar: single ones are too thin for a phone
const GIGABYTE = 1e9;
const STEPS_MS = [100, 200, 300, 500, 1000, 2000, 5000, 10_000];

export const load = (_, signal) =>
  followed({ title: t("runs.title"), hint: t("runs.hint"), fetch: api.load, draw }, signal);

function draw(now) {
  if (!now.gateway.cores.length) return empty("rising", t("runs.none"), t("runs.none.hint"));
  return [
    camerasOf(now),
    speed(now),
    taken(now),
    decisions(now),
    now.stages.some(({ runs }) => runs) && stages(now),
    now.models.length > 0 && models(now),
  ];
}

const last = (values) => values.findLast((value) => value !== null) ?? 0;
const mean = (values) => sum(values) / values.length;
const sum = (values) => values.reduce((total, value) => total + (value ?? 0), 0);

function camerasOf(now) {
  const most = Math.max(5, ...now.cameras.flatMap(({ fps }) => fps)) * 1.1;
  return section(
    t("shop.cameras"),
    now.cameras.map((one) => camera(one, now, most)),
    now.cameras.length
      ? axis(now)
      : h("p", { class: "hint" }, t(state.me?.face_matching ? "eyes.none" : "eyes.off")),
  );
}

function camera({ camera_id, place, fps, dropped }, now, most) {
  const seen = state.cameras?.find((one) => one.state.camera_id === camera_id)?.state;
  const status = seen?.status ?? "connecting";
  const rate = t("camera.fps", { n: Math.round(last(fps)) });
  const lost = sum(dropped);
  const drops = lost ? t("runs.dropped", { n: lost }) : t("runs.dropped.none");
  return h(
    "div",
    { class: "watched" },
    cameraPicture(status),
    h(
      "span",
      { class: "entry-main" },
      h("strong", {}, place),
      h(
        "small",
        {},
        status === "live" ? rate : h("b", { class: `status ${status}` }, t(`camera.${status}`)),
        " · ",
        h("span", { class: lost ? "status offline" : "" }, drops),
      ),
    ),
    sparkline({
      values: fps,
      marks: dropped,
      most,
      slots: now.most_points,
      label: `${place}: ${rate}, ${drops}`,
    }),
  );
}

function speed(now) {
  const low = together(now.latency_p50_ms, mean);
  const high = together(now.latency_p95_ms, (some) => Math.max(...some));
  const known = high.filter((value) => value !== null);
  if (!known.length)
    return section(t("runs.speed"), h("p", { class: "hint" }, t("runs.speed.none")));
  const typical = Math.round(mean(low.filter((value) => value !== null)));
  const slow = Math.round(Math.max(...known));
  const most = STEPS_MS.find((step) => step >= slow) ?? slow;
  const words = t("runs.speed.words", { typical, slow });
  return section(
    t("runs.speed"),
    h(
      "dl",
      { class: "facts" },
      fact(t("runs.typical"), t("runs.ms", { n: typical })),
      fact(t("runs.slow"), t("runs.ms", { n: slow })),
    ),
    h(
      "div",
      { class: "plot" },
      h("span", { class: "plot-most", "aria-hidden": "true" }, t("runs.ms", { n: most })),
      bands({ low, high, most, slots: Math.ceil(now.most_points / TOGETHER), label: words }),
    ),
    axis(now),
    legend(["low", t("runs.typical")], ["high", t("runs.slow")]),
  );
}

/** Values in groups of `TOGETHER` that end with the newest, each made one by `make`. */
function together(values, make) {
  const groups = [];
  for (let end = values.length; end > 0; end -= TOGETHER) {
    const known = values.slice(Math.max(0, end - TOGETHER), end).filter((value) => value !== null);
    groups.unshift(known.length ? make(known) : null);
  }
  return groups;
}

function taken(now) {
  const cores = [last(now.vision.cores), last(now.gateway.cores)];
  const memory = [last(now.vision.rss_bytes), last(now.gateway.rss_bytes)];
  return section(
    t("runs.load"),
    h(
      "div",
      { class: "gauges" },
      dial(t("runs.processor"), cores, now.cores, t("runs.cores", { n: now.cores })),
      dial(
        t("runs.memory"),
        memory.map((bytes) => bytes / GIGABYTE),
        now.memory_bytes / GIGABYTE,
        t("runs.gigabytes", { n: decimal(now.memory_bytes / GIGABYTE) }),
      ),
    ),
    legend(["low", t("vision.title")], ["high", t("runs.gateway")]),
  );
}

function dial(name, [vision, gateway], most, ground) {
  const share = (vision + gateway) / most;
  const percent = t("runs.percent", { n: Math.round(share * 100) });
  return h(
    "div",
    { class: "dial" },
    gauge({ share, within: vision / most, label: `${name}: ${percent}` }),
    h("strong", { class: "dial-value" }, percent),
    h("span", { class: "dial-name" }, name),
    h("small", {}, `${decimal(vision)} + ${decimal(gateway)} ${ground}`),
  );
}

function decisions({ decisions: counts }) {
  const rows = Object.entries(counts).sort(([, one], [, other]) => other - one);
  if (!rows.length)
    return section(t("runs.decisions"), h("p", { class: "hint" }, t("runs.decisions.none")));
  const most = rows[0][1];
  return section(
    t("runs.decisions"),
    h("p", { class: "hint" }, t("runs.decisions.hint")),
    h(
      "ul",
      { class: "amounts" },
      rows.map(([outcome, n]) =>
        amount(word(outcome), n / most, String(n), outcome === "recognised" ? "good" : "plain"),
      ),
    ),
  );
}

function stages({ stages: all }) {
  const ran = all.filter(({ runs }) => runs);
  const most = Math.max(...ran.map(({ ms }) => ms));
  return section(
    t("runs.stages"),
    h("p", { class: "hint" }, t("runs.stages.hint")),
    h(
      "ul",
      { class: "amounts" },
      ran.map(({ stage, ms }) =>
        amount(word(stage), ms / most, t("runs.ms", { n: decimal(ms) }), "busy"),
      ),
    ),
  );
}

const models = ({ models: all }) =>
  section(
    t("runs.models"),
    h("p", { class: "hint" }, t("runs.models.hint")),
    h(
      "ul",
      { class: "models" },
      all.map(({ file, execution, trouble }) =>
        h(
          "li",
          {},
          h("span", {}, file),
          h("strong", {}, execution),
          trouble && h("small", { class: "status offline" }, trouble),
        ),
      ),
    ),
  );

// The gateway's own word stands where the dictionary has none, so that nothing is left out.
const word = (key) => (has(`runs.${key}`) ? t(`runs.${key}`) : key);
