// Codes on this phone: asked of the gateway, and shown at a glance.
//
// A code is never kept here: it lives as long as the screen that shows it.

import { approve, deny, note } from "./alarm.js";
import * as api from "./api.js";
import { language, t } from "./i18n.js";
import { toast } from "./parts/toast.js";
import { openOnly, place, swap } from "./router.js";
import { change, state } from "./store.js";
import { put } from "./visits.js";

const SAME_MS = 4000; // a code that stays before the camera for less than this is the same one

let waiting = null; // a voucher's code that waits for its member's card
let seen = { key: null, at: 0 };

const context = () => ({
  language: language(),
  ...(state.serving && { visit_id: state.serving }),
});

/** A voucher needs its member: the next card that is scanned proves them. */
export function waitForMember(code) {
  waiting = code;
}

/** What a wedge or a keypad typed, or the browser read: `{text, symbology}`; `basket` if known. */
export const scanned = (read) =>
  meet(async () => ({ ...(await api.scan({ ...context(), ...read })), basket: read.basket }));

/** What a scanner of the shop read. */
const heard = (scanId) => meet(() => api.scanHeard(scanId, context()));

/** An uploaded picture, in which there should be a code. */
export async function uploaded(blob) {
  const found = await meet(() => api.scanPicture(blob, context()));
  if (found?.kind === "nothing") toast(t("scan.nothing"), "trouble");
}

/** A frame of the camera, in which there may be a code; says whether there was one. */
export async function framed(blob) {
  const answer = await api.scanPicture(blob, context());
  if (answer.kind === "nothing") return false;
  if (!again(keyOf(answer))) show(answer);
  return true;
}

/** A code that the browser itself read in the camera's picture. */
export async function detected(read) {
  if (!again(read.text)) await scanned(read);
}

/** Whether this is the code that is being held before the camera. */
function again(key) {
  const same = key === seen.key && Date.now() - seen.at < SAME_MS;
  seen = { key, at: Date.now() };
  return same;
}

const keyOf = (answer) =>
  answer.code ?? answer.visit?.id ?? answer.product?.scanned ?? answer.number ?? answer.text ?? answer.kind;

/** A scanner of the shop read a code: this phone's own opens it, any other offers it. */
export function overheard({ scan_id: scanId, scanner_id: scanner, place: where, what }) {
  if (state.handedOver) return;
  if (state.follows === scanner) return void heard(scanId);
  // Products pass the till all day, and a member who came by card is announced as a visit.
  if (state.follows || what === "product" || what === "member") return;
  const next = { words: t("scan.show"), act: () => heard(scanId) };
  toast(t(`scan.heard.${what}`, { place: where }), "done", next);
}

async function meet(ask) {
  try {
    const answer = await ask();
    if (answer.kind !== "nothing") await show(answer);
    return answer;
  } catch (error) {
    deny();
    present({ kind: "failed", error, retry: () => meet(ask) });
    return null;
  }
}

async function show(answer) {
  if (state.handedOver) return undefined;
  if (answer.kind === "member") return greet(answer.visit);
  if (answer.kind !== "voucher" || answer.code !== waiting) waiting = null;
  SOUNDS[answer.kind](answer);
  return present(answer);
}

async function greet(visit) {
  put(visit);
  change({ serving: visit.id });
  const code = waiting;
  waiting = null;
  if (code) return scanned({ text: code });
  approve();
  toast(t("arrived.toast", { name: visit.member.name }));
  return openOnly("card", { id: visit.member.id, reason: "visit" });
}

const SOUNDS = {
  voucher: ({ verdict }) => (verdict.valid ? approve() : deny()),
  product: note,
  no_product: note,
  unknown: note,
  bad_code: deny,
  refused: deny,
};

function present(answer) {
  const { stack } = place();
  const put = stack.length === 1 && stack[0].name === "verdict" ? swap : openOnly;
  put("verdict", { answer });
}
