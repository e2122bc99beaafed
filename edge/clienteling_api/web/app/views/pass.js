// A member's card to show: a code that turns, on white whatever the phone's colours, or on paper.

import * as api from "../api.js";
import { hold } from "../alerts.js";
import { every, fill, h, svg } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { state } from "../store.js";
import { explain } from "../trouble.js";
import { detailBar } from "../parts/bar.js";
import { button } from "../parts/button.js";
import { picture } from "../parts/receipt.js";
import { ask, sheet } from "../parts/sheet.js";
import { toast } from "../parts/toast.js";

const TURN_S = 30;
const TURNS = 6; // then the card rests: a phone laid down goes on standing for nobody

export function pass({ member }, signal) {
  hold(signal); // the member looks at this screen too
  keepAwake(signal);
  const code = h("div", { class: "pass-code" });
  const left = h("div", { class: "pass-left" });
  let turns_at = null;
  let turns = 0;
  let asking = false;
  const rest = (mark, words, act) => {
    turns_at = null;
    fill(code, h("div", { class: "pass-rest" }, icon(mark), h("p", {}, words)));
    fill(left, button(t("pass.again"), act, { mark: "turn", kind: "wide" }));
  };
  const turn = async () => {
    if (asking || document.hidden) return;
    if (turns === TURNS) return void rest("moon", t("pass.rested"), start);
    asking = true;
    try {
      const made = await api.cardCode(member.id, "shown", signal);
      turns += 1;
      turns_at = new Date(made.turns_at);
      fill(code, picture(made.qr_svg, t("pass.qr", { name: member.name })));
    } catch (error) {
      if (!signal.aborted) rest("warn", explain(error), start);
    } finally {
      asking = false;
    }
  };
  const tick = () => {
    if (!turns_at) return;
    const seconds = Math.ceil((turns_at - api.now()) / 1000);
    if (seconds <= 0) turn();
    else fill(left, ring(seconds), h("span", {}, t("pass.left", { n: seconds })));
  };
  const start = async () => {
    turns = 0;
    await turn();
    tick();
  };
  start();
  every(1000, tick, signal);
  return h(
    "div",
    { class: "screen immersive" },
    detailBar(t("card.title")),
    h(
      "div",
      { class: "body pass-body" },
      h("article", { class: "pass" }, names(member), code, left, number(member)),
      h("p", { class: "hint" }, t("pass.hint")),
    ),
    h(
      "div",
      { class: "dock two" },
      button(t("pass.print"), () => onPaper(member), { mark: "print" }),
      button(t("pass.void"), () => voidPrinted(member), { mark: "trash" }),
    ),
  );
}

const names = (member) =>
  h(
    "header",
    { class: "pass-names" },
    h("p", {}, state.me.store_name),
    h("h1", { tabindex: "-1" }, member.name),
  );

const number = ({ card_number: digits }) =>
  digits &&
  h(
    "p",
    { class: "pass-number" },
    h("small", {}, t("profile.card")),
    h("strong", {}, digits),
  );

/** What is left of a turn, as a ring that empties. */
const ring = (seconds) =>
  svg(
    "svg",
    { class: "pass-ring", viewBox: "0 0 24 24", "aria-hidden": "true" },
    svg("circle", { class: "pass-ring-all", cx: 12, cy: 12, r: 9 }),
    svg("path", {
      d: "M12 3a9 9 0 1 1 0 18 9 9 0 1 1 0-18",
      pathLength: TURN_S,
      "stroke-dasharray": `${Math.min(seconds, TURN_S)} ${2 * TURN_S}`,
    }),
  );

async function onPaper(member) {
  let made;
  try {
    made = await api.cardCode(member.id, "printed");
  } catch (error) {
    return toast(explain(error), "trouble");
  }
  return sheet(t("pass.print"), () =>
    h(
      "div",
      { class: "sheet-body" },
      h(
        "article",
        { class: "paper" },
        h(
          "div",
          {},
          names(member),
          number(member),
          h("p", { class: "paper-lost" }, t("pass.paper.lost")),
        ),
        picture(made.qr_svg, t("pass.paper.qr", { name: member.name })),
      ),
      h("p", { class: "hint no-print" }, t("pass.paper.hint", { name: member.name })),
      button(t("receipt.print"), () => print(), { mark: "print", kind: "primary wide no-print" }),
    ),
  );
}

const voidPrinted = (member) =>
  ask({
    title: t("pass.void.title"),
    text: t("pass.void.text", { name: member.name }),
    yes: t("pass.void.go"),
    danger: true,
    act: async () => {
      try {
        await api.voidCards(member.id);
        toast(t("pass.voided"));
      } catch (error) {
        toast(explain(error), "trouble");
      }
    },
  });

// A dark screen shows no code. Browsers without a lock, or without a certificate, dim as ever.
async function keepAwake(signal) {
  const lock = await navigator.wakeLock?.request("screen").catch(() => null);
  if (signal.aborted) return void lock?.release();
  signal.addEventListener("abort", () => lock?.release());
}
