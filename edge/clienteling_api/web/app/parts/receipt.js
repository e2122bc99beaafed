// The member's copy of the consent receipt: as a QR to photograph, to share, or on paper.

import { h } from "../dom.js";
import { button } from "./button.js";

/** An SVG from the gateway, shown as a picture so that nothing in it can run. */
export const picture = (svg, alt) =>
  h("img", {
    class: "qr",
    alt,
    src: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`,
  });

export function receipt(consent, say) {
  const share = () =>
    navigator.share({ title: say("receipt.short"), text: consent.copy_text }).catch(() => {});
  return h(
    "div",
    { class: "receipt" },
    picture(consent.copy_qr_svg, say("receipt.qr")),
    h(
      "div",
      { class: "two no-print" },
      navigator.share && button(say("receipt.share"), share, { mark: "share" }),
      button(say("receipt.print"), () => print(), { mark: "print" }),
    ),
    h(
      "details",
      { class: "receipt-text" },
      h("summary", {}, say("receipt.read")),
      h("pre", {}, consent.copy_text),
    ),
  );
}
