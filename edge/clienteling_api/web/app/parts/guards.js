// What a guide's "not them" taught the door about a member, and the way to take it back.

import * as api from "../api.js";
import { h } from "../dom.js";
import { day, list } from "../format.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { explain } from "../trouble.js";
import { button } from "./button.js";
import { toast } from "./toast.js";

/** Whom a member is easily taken for, so that the guide asks for the name; names in a list. */
export const alikeWarning = (names) =>
  names.length > 0 &&
  h(
    "p",
    { class: "warning" },
    icon("warn"),
    h("span", {}, t("face.alike", { name: list(names) })),
  );

/** The guards on a member's card, each with one button to remove it. */
export const guardList = (guards, memberId) =>
  guards.length > 0 && rows(guards, (guard) => onCard(guard, memberId));

/** Guards of all members; `changed` is called once one is removed. */
export const everyGuard = (guards, changed) => rows(guards, inList, changed);

const rows = (guards, words, changed) =>
  h(
    "ul",
    { class: "guards", "aria-label": t("guards") },
    guards.map((guard) => row(guard, words(guard), changed)),
  );

function onCard(guard, memberId) {
  if (!guard.other_id) return t("guard.alone");
  return t("guard.pair", {
    name: guard.member_id === memberId ? guard.other_name : guard.member_name,
  });
}

function inList({ member_name: name, other_name: other }) {
  return other ? t("guard.list.pair", { name, other }) : t("guard.list.alone", { name });
}

// A day that does not break at the end of a line.
const whole = (moment) => day(moment).replaceAll(" ", "\u00a0");

// On a card nobody is told of a removal: the card hears of it and is drawn again.
function row(guard, said, changed = () => {}) {
  const said_by = t("guard.by", { name: guard.set_by, day: whole(guard.set_at) });
  const remove = button(t("guard.remove"), go, { "aria-label": t("guard.remove.of", { said }) });
  async function go() {
    remove.disabled = true;
    try {
      await api.unguard(guard.id);
      toast(t("guard.removed"));
      changed();
    } catch (error) {
      remove.disabled = false;
      toast(explain(error), "trouble");
    }
  }
  return h(
    "li",
    { class: "guard" },
    h(
      "p",
      {},
      h("strong", {}, said),
      h("small", {}, said_by),
      h("small", {}, t("guard.until", { day: whole(guard.ends_at) })),
    ),
    remove,
  );
}
