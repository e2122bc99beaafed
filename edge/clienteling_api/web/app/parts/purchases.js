// Purchases as bars by month and as lines.

import { now } from "../api.js";
import { fill, h, svg } from "../dom.js";
import { day, money } from "../format.js";
import { t } from "../i18n.js";

const MONTHS = 12;
const MONTH_MS = 30.4 * 86_400_000;
const FEW = 4;

/** The year's spending, one total for each currency. */
export function totals(spend) {
  const sums = Object.entries(spend);
  return sums.length
    ? sums.map(([currency, sum]) => money(Math.round(Number(sum)), currency)).join(" + ")
    : "–";
}

/** Spending of the last twelve months, newest right; the last three stand out. */
export function bars(purchases) {
  const currency = purchases[0].currency;
  const sums = Array(MONTHS).fill(0);
  for (const purchase of purchases) {
    const month = Math.floor((now() - new Date(purchase.bought_at)) / MONTH_MS);
    if (purchase.currency === currency && month >= 0 && month < MONTHS)
      sums[MONTHS - 1 - month] += Number(purchase.amount);
  }
  const highest = Math.max(...sums, 1);
  return svg(
    "svg",
    { class: "bars", viewBox: "0 0 142 40", role: "img", "aria-label": t("spend.bars") },
    sums.map((sum, index) => {
      const height = sum ? Math.max(3, (sum / highest) * 40) : 2;
      const kind = [sum ? "" : "none", index >= MONTHS - 3 ? "recent" : ""].join(" ").trim();
      return svg("rect", { class: kind, x: index * 12, y: 40 - height, width: 10, height, rx: 2 });
    }),
  );
}

export function purchaseSection(purchases) {
  const lines = h("ul", { class: "lines" });
  const all = h(
    "button",
    { class: "text-button", type: "button", on: { click: () => draw(purchases.length) } },
    t("purchases.all", { n: purchases.length }),
  );
  const draw = (count) => {
    fill(lines, purchases.slice(0, count).map(line));
    all.hidden = count >= purchases.length;
  };
  draw(FEW);
  return h(
    "section",
    { class: "section" },
    h("h2", {}, t("purchases.recent")),
    purchases.length ? [lines, all] : h("p", { class: "hint" }, t("purchases.none")),
  );
}

function line(purchase) {
  return h(
    "li",
    { class: "line" },
    h("span", { class: "line-what" }, purchase.item),
    h("span", { class: "line-when" }, `${purchase.category} · ${day(purchase.bought_at)}`),
    h("span", { class: "line-much" }, money(purchase.amount, purchase.currency)),
  );
}
