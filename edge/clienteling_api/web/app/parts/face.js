// What a card says about recognition at the door, and the ways in and out.

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import { day } from "../format.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { open } from "../router.js";
import { state } from "../store.js";
import { button } from "./button.js";
import { guardList } from "./guards.js";

export function faceSection({ member, consent_id: consent, templates, guards }) {
  const body = h("div", { class: "face-body" });
  if (consent) fill(body, enrolled(member, consent, templates));
  else offer(body, member);
  return h(
    "section",
    { class: "section face" },
    h("h2", {}, t("face.title")),
    body,
    guardList(guards, member.id),
  );
}

function enrolled(member, consent, templates) {
  return [
    h(
      "p",
      { class: "face-state on" },
      icon("shield"),
      h(
        "span",
        {},
        h("strong", {}, t(templates ? "face.on" : "face.waiting")),
        templates > 0 && h("small", {}, t("face.photos", { n: templates })),
      ),
    ),
    h(
      "div",
      { class: "two" },
      button(t("face.more"), () => open("enrollment", { member, consent }), { mark: "camera" }),
      button(t("face.withdraw"), () => open("withdrawal", { member, consent }), { mark: "trash" }),
    ),
  ];
}

async function offer(body, member) {
  const line = h("small", {}, t("face.never"));
  fill(
    body,
    h(
      "p",
      { class: "face-state" },
      icon("face"),
      h("span", {}, h("strong", {}, t("face.off")), line),
    ),
    invitation(member),
  );
  const { consents } = await api.consents(member.id).catch(() => ({ consents: [] }));
  const ended = consents
    .map((consent) => consent.withdrawn_at)
    .filter(Boolean)
    .sort()
    .at(-1);
  if (ended) line.textContent = t("face.withdrawn", { day: day(ended) });
}

function invitation(member) {
  if (!state.me?.face_matching) return h("p", { class: "hint" }, t("face.shop.off"));
  if (member.age_band === "under_18") return h("p", { class: "hint" }, t("face.minor"));
  return button(t("face.enrol"), () => open("enrollment", { member }), {
    mark: "face",
    kind: "wide",
  });
}
