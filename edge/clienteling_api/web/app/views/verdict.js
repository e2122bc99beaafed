// What a code turned out to be: one glance says whether it holds, one tap does what follows.

import { h } from "../dom.js";
import { has, t } from "../i18n.js";
import { back } from "../router.js";
import { detailBar } from "../parts/bar.js";
import { button } from "../parts/button.js";
import { product } from "../parts/product.js";
import { failure } from "../parts/states.js";
import { toast } from "../parts/toast.js";
import { glance } from "../parts/glance.js";
import { voucher } from "../parts/voucher.js";

export function verdict({ answer }, signal) {
  const element = h("div", { class: "screen" });
  const show = (body, dock) => {
    element.replaceChildren(detailBar(t("scan.title")), body, h("div", { class: "dock" }, dock));
  };
  KINDS[answer.kind](answer, show, signal);
  return element;
}

const next = () => button(t("scan.next"), back, { mark: "scan", kind: "wide" });

const plain = (tone, mark, title, hint, ...more) =>
  h("div", { class: "body stack" }, glance(tone, mark, title, hint), more);

const KINDS = {
  voucher,
  product: (answer, show) => show(product(answer.product), next()),
  no_product: ({ number }, show) => {
    const key = number ? "verdict.no_product" : "verdict.no_number";
    show(plain("plain", "barcode", t(key), t(`${key}.hint`), said(number)), next());
  },
  unknown: ({ text }, show) =>
    show(plain("plain", "barcode", t("verdict.unknown"), t("verdict.unknown.hint"), said(text)), [
      button(t("copy"), () => copy(text), { mark: "copy", kind: "wide" }),
      next(),
    ]),
  bad_code: ({ fault, ai }, show) =>
    show(plain("bad", "close", t("verdict.bad_code"), reason(fault, ai)), next()),
  refused: ({ message }, show) =>
    show(plain("bad", "close", t("verdict.refused"), message), next()),
  failed: ({ error, retry }, show) =>
    show(
      h("div", { class: "body" }, failure(error, retry), h("p", { class: "hint kept" }, t("scan.not_kept"))),
      next(),
    ),
};

const said = (text) => text && h("pre", { class: "said", tabindex: "0" }, text);

const reason = (fault, ai) =>
  has(`codefault.${fault}`) ? t(`codefault.${fault}`, { ai: ai ?? "" }) : t("codefault.malformed_element", { ai: ai ?? "" });

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("copied"));
  } catch {
    toast(t("copy.refused"), "trouble");
  }
}
