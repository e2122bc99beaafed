// A product whose code was scanned: what it is, and the size that the member wears.

import { h } from "../dom.js";
import { list, money } from "../format.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { state } from "../store.js";

export function product(found) {
  const { variants, scanned } = found;
  const worn = variants.filter((variant) => variant.worn);
  const name = state.visits.get(state.serving)?.member.name;
  const price = found.price === null ? "" : money(found.price, found.currency);
  return h(
    "div",
    { class: "body stack" },
    h(
      "header",
      { class: "product" },
      h("h1", { tabindex: "-1" }, found.name),
      h("p", { class: "muted" }, list([found.brand, found.category].filter(Boolean))),
      price && h("p", { class: "price" }, price),
    ),
    found.member_sizes.length > 0 && fits(worn, found.member_sizes, name),
    h(
      "section",
      { class: "section" },
      h("h2", {}, t("product.sizes")),
      h("ul", { class: "variants" }, variants.map((variant) => row(variant, scanned))),
    ),
  );
}

// The one line a guide reads before going to fetch it.
function fits(worn, sizes, name) {
  const one = worn.find(({ stock }) => stock !== 0) ?? worn[0];
  const there = one && one.stock !== 0;
  const title = name ? t("product.wears.of", { name }) : t("product.wears");
  return h(
    "section",
    { class: "fits", data: { tone: there ? "good" : "plain" } },
    icon(there ? "check" : "warn"),
    h(
      "div",
      {},
      h("h2", {}, title),
      h("p", { class: "fits-size" }, one ? labels(one.sizes) : labels(sizes)),
      h("p", {}, one ? stock(one) : t("product.not_made")),
    ),
  );
}

const labels = (sizes) => sizes.map(({ value, system }) => `${value} ${system}`).join(" · ");

const stock = (variant) =>
  variant.stock === null
    ? t("product.uncounted")
    : variant.stock === 0
      ? t("product.none")
      : t("product.stock", { n: variant.stock });

const row = (variant, scanned) =>
  h(
    "li",
    { class: "variant", data: { worn: String(variant.worn) } },
    h(
      "strong",
      {},
      labels(variant.sizes) || variant.gtin,
      variant.gtin === scanned && h("em", {}, t("product.this")),
    ),
    h("span", {}, stock(variant)),
  );
