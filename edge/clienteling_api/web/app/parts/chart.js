// Pictures of numbers over time. Every one has a sentence that says the same.

import { h, svg } from "../dom.js";

const HIGH = 100;

/** A chart as wide as its place: drawn in slots, the newest at the right edge. */
function frame(slots, label, ...children) {
  return svg(
    "svg",
    {
      class: "chart",
      viewBox: `0 0 ${slots} ${HIGH}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": label,
    },
    svg("path", { class: "chart-base", d: `M0 ${HIGH}H${slots}` }),
    children,
  );
}

/** A line over `values` (null is a gap) up to `most`; `marks` above 0 stand out at the foot. */
export function sparkline({ values, marks, most, slots, label }) {
  const first = slots - values.length;
  const runs = pieces(values).map((run) =>
    run.map(({ at, value }) => [first + at + 0.5, HIGH - 4 - (value / most) * (HIGH - 12)]),
  );
  const trace = (run) => run.map(([x, y]) => `${x} ${y.toFixed(1)}`).join("L");
  return frame(
    slots,
    label,
    runs.map((run) =>
      svg("path", {
        class: "chart-area",
        d: `M${run[0][0]} ${HIGH}L${trace(run)}L${run.at(-1)[0]} ${HIGH}Z`,
      }),
    ),
    runs.map((run) => svg("path", { class: "chart-line", d: `M${trace(run)}` })),
    marks.map(
      (mark, at) =>
        mark > 0 && svg("path", { class: "chart-mark", d: `M${first + at + 0.5} 70V${HIGH}` }),
    ),
  );
}

/** Bars in two depths, `low` before `high`, up to `most`; null leaves a slot empty. */
export function bands({ low, high, most, slots, label }) {
  const first = slots - low.length;
  const bar = (kind, value, at) => {
    const height = Math.max(2, (Math.min(value, most) / most) * HIGH);
    return svg("rect", { class: kind, x: first + at + 0.15, y: HIGH - height, width: 0.7, height });
  };
  return frame(
    slots,
    label,
    high.map((value, at) => value !== null && bar("chart-high", value, at)),
    low.map((value, at) => value !== null && bar("chart-low", value, at)),
  );
}

/** A half circle filled to `share` (0 to 1), with a darker part of it for `within`. */
export function gauge({ share, within, label }) {
  const arc = (kind, part) =>
    svg("path", {
      class: kind,
      d: "M10 58A48 48 0 0 1 106 58",
      pathLength: 100,
      "stroke-dasharray": `${(Math.min(1, part) * 100).toFixed(1)} 200`,
    });
  return svg(
    "svg",
    { class: "gauge", viewBox: "0 0 116 66", role: "img", "aria-label": label },
    arc("gauge-all", 1),
    share > 0 && arc("gauge-share", share),
    within > 0 && arc("gauge-within", within),
  );
}

/** One row of a list of amounts: words, a bar to `share` (0 to 1), and the amount. */
export function amount(words, share, text, level = "plain") {
  return h(
    "li",
    { class: "amount" },
    h("span", {}, words),
    h("strong", {}, text),
    svg(
      "svg",
      { class: "amount-bar", "data-level": level, "aria-hidden": "true" },
      svg("rect", { class: "amount-all", width: "100%", height: "100%", rx: 4 }),
      share > 0 &&
        svg("rect", { width: `${Math.max(1.5, share * 100)}%`, height: "100%", rx: 4 }),
    ),
  );
}

/** What the colours of a chart mean. */
export const legend = (...entries) =>
  h(
    "p",
    { class: "legend" },
    entries.map(([kind, words]) => h("span", { data: { kind } }, words)),
  );

// Neighbouring values as runs without gaps; a lone value becomes a run as wide as its slot.
function pieces(values) {
  const runs = [];
  values.forEach((value, at) => {
    if (value === null) return;
    if (at === 0 || values[at - 1] === null) runs.push([]);
    runs.at(-1).push({ at, value });
  });
  return runs.map((run) => (run.length > 1 ? run : [run[0], { ...run[0], at: run[0].at + 0.4 }]));
}
