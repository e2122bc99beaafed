// The fingerprint of the shop's authority, in four lines of eight, as it is read aloud.

import { h } from "../dom.js";
import { t } from "../i18n.js";

const IN_A_LINE = 8;

export function fingerprint(authority, why) {
  const pairs = authority.fingerprint_sha256.split(":");
  const lines = [];
  for (let at = 0; at < pairs.length; at += IN_A_LINE)
    lines.push(h("span", {}, pairs.slice(at, at + IN_A_LINE).join(" ")));
  return h(
    "section",
    { class: "fingerprint" },
    h("h2", {}, t("trust.fingerprint")),
    h("p", { class: "fingerprint-digits" }, lines),
    h("p", { class: "hint" }, why),
  );
}
