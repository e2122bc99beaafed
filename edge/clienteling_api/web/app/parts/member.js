// Pieces of a member that several screens show the same way.

import { h } from "../dom.js";
import { initials, list } from "../format.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";

export const avatar = (name) =>
  h("span", { class: "avatar", "aria-hidden": "true" }, initials(name));

/** "Shoe 42 EU" as large tiles: the number first, it is what a guide fetches by. */
export function sizeTiles(sizes) {
  if (!sizes.length) return null;
  return h(
    "ul",
    { class: "sizes", "aria-label": t("sizes") },
    sizes.map((size) =>
      h(
        "li",
        { class: "size" },
        h("span", { class: "size-garment" }, icon(size.garment), t(`garment.${size.garment}`)),
        h("strong", { class: size.value.length > 4 ? "long" : null }, size.value),
        h("span", { class: "size-system" }, size.system),
      ),
    ),
  );
}

/** Sizes as small marks, for rows. */
export const sizeMarks = (sizes) =>
  sizes.length > 0 &&
  h(
    "span",
    { class: "size-marks" },
    sizes.map((size) =>
      h(
        "span",
        {},
        icon(size.garment),
        h("span", { class: "visually-hidden" }, t(`garment.${size.garment}`)),
        h("b", {}, size.value),
        ` ${size.system}`,
      ),
    ),
  );

export function chips(words, name) {
  if (!words.length) return null;
  return h(
    "ul",
    { class: "chips", "aria-label": name },
    words.map((word) => h("li", { class: "chip" }, word)),
  );
}

/** Do not disturb, where the guide cannot miss it. */
export const quietMark = () => h("span", { class: "badge quiet" }, icon("quiet"), t("quiet"));

/** The trend of spending as an arrow and a word; nothing where too little is known. */
export function trend(summary) {
  if (summary.spend_trend === "unknown") return null;
  return h(
    "span",
    { class: `trend ${summary.spend_trend}` },
    icon(summary.spend_trend),
    t(`trend.${summary.spend_trend}`),
  );
}

/** The second line of a row: how one can tell this member from a namesake. */
export function telling(member) {
  const parts = [];
  if (member.card_number) parts.push(member.card_number);
  if (member.phone_ending) parts.push(`··· ${member.phone_ending}`);
  return parts.join("  ·  ") || list([t("member.nocard")]);
}
