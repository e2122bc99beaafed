// A claim file on its way to the gateway: chosen, dropped or pasted, and confirmed by a person where
// the machine does not know its headquarters yet.

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { explain } from "../trouble.js";
import { button } from "../parts/button.js";
import { field } from "../parts/form.js";
import { model, refresh } from "./model.js";

const BYTES_MAX = 60_000;
const FOUR = /.{4}/g;

/** The form; `settle(claim)` tells it what the gateway holds. */
export function claimForm() {
  const element = h("div", { class: "form" });
  let waits = false;
  let asking = false; // a person is comparing, or the gateway is looking at a file

  const start = (trouble = null) => {
    asking = false;
    fill(element, trouble, waits && h("p", { class: "hint" }, t("claim.another")), chooser(pick), byHand(hand));
  };
  async function pick(file) {
    // Nothing so big is a claim, and reading it would keep the phone busy.
    if (file.size > BYTES_MAX) return start(refusal({ fault: "large" }));
    return hand(await file.text());
  }
  async function hand(text, authority) {
    asking = true;
    fill(element, h("p", { class: "hint", role: "status" }, t("claim.looking")));
    try {
      const claim = await api.takeClaimIn({ file: text, ...(authority && { authority }) });
      if (claim.state === "unconfirmed") return void show(question(claim, () => hand(text, claim.authority), start));
      start(claim.state === "refused" ? refusal(claim) : null);
      await refresh();
    } catch (error) {
      start(refusal({ fault: error.code === "too_large" ? "large" : null, said: explain(error) }));
    }
    return undefined;
  }
  const show = (content) => {
    fill(element, content);
    element.querySelector("h2")?.focus({ preventScroll: true });
  };
  start();
  return {
    element,
    settle(claim) {
      const now = claim?.state === "waiting";
      if (now === waits) return;
      waits = now;
      if (!asking) start();
    },
  };
}

/** Why a claim is not taken, in the person's words. */
export const refusal = ({ fault, said }) =>
  h(
    "p",
    { class: "notice-line refusal", role: "alert" },
    icon("warn"),
    h("span", {}, fault ? t(`claim.fault.${fault}`, { id: model.settings.store.id }) : said),
  );

// A file chosen, or dropped on the same place.
function chooser(pick) {
  const take = (file) => file && pick(file);
  const input = h("input", {
    type: "file",
    class: "visually-hidden",
    accept: ".toml,application/toml,text/plain",
    on: { change: () => take(input.files[0]) },
  });
  const over = (is) => (event) => {
    event.preventDefault();
    place.dataset.over = is;
  };
  const place = h(
    "label",
    {
      class: "drop",
      on: {
        dragover: over(true),
        dragleave: over(false),
        drop: (event) => {
          over(false)(event);
          take(event.dataTransfer.files[0]);
        },
      },
    },
    icon("upload"),
    h("strong", {}, t("claim.choose")),
    h("small", {}, t("claim.choose.hint")),
    input,
  );
  return place;
}

// For a claim that came as a message, and for who sits at the console.
function byHand(hand) {
  const text = field(t("claim.text"), { rows: 4, spellcheck: "false", autocapitalize: "none" });
  const send = () => {
    const claim = text.input.value.trim();
    if (!claim) return text.fail(t("claim.text.missing"));
    return hand(`${claim}\n`);
  };
  return h(
    "details",
    { class: "by-hand" },
    h("summary", {}, t("claim.by_hand")),
    h(
      "div",
      { class: "form" },
      text.element,
      button(t("claim.text.go"), send, { kind: "wide" }),
      h("p", { class: "hint" }, t("claim.console")),
      h("p", { class: "console mono" }, "sudo regulars claim - <FILE"),
    ),
  );
}

function question(claim, yes, no) {
  const lines = claim.authority.match(/.{16}/g).map((part) => h("span", {}, part.match(FOUR).join(" ")));
  return h(
    "section",
    { class: "form" },
    h("h2", { tabindex: "-1" }, t("claim.whose")),
    h(
      "dl",
      { class: "claim-facts" },
      fact(t("claim.store"), `${claim.store_name} (${claim.store_id})`),
      fact(t("setup.headquarters"), new URL(claim.headquarters).host),
    ),
    h(
      "div",
      { class: "fingerprint" },
      h("p", { class: "hint" }, t("claim.compare")),
      h("p", { class: "fingerprint-digits" }, lines),
    ),
    button(t("claim.same"), yes, { kind: "primary wide", mark: "check" }),
    button(t("claim.differs"), () => no(refusal({ fault: "foreign" })), { kind: "wide" }),
  );
}

const fact = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));
