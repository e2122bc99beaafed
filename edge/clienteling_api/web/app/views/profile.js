// A member's profile: a new one, or changes to one that is there.

import * as api from "../api.js";
import { h } from "../dom.js";
import { LANGUAGES, language, t } from "../i18n.js";
import { back, swap } from "../router.js";
import { explain } from "../trouble.js";
import { detailBar } from "../parts/bar.js";
import { field, segments, select, toggle } from "../parts/form.js";
import { sizesEditor } from "../parts/sizes.js";
import { wordsEditor } from "../parts/words.js";
import { toast } from "../parts/toast.js";

const AGES = ["under_18", "18_24", "25_34", "35_44", "45_54", "55_64", "65_plus"];

export function profile({ member = null }) {
  const editors = build(member);
  const go = h(
    "button",
    { class: "button primary wide", type: "submit", form: "profile" },
    t("save"),
  );
  const save = async (event) => {
    event.preventDefault();
    const values = read(editors);
    if (!values.name) return editors.name.fail(t("profile.name.missing"));
    go.disabled = true;
    try {
      await (member ? change(member, values) : make(values));
    } catch (error) {
      complain(editors, error);
      go.disabled = false;
    }
    return undefined;
  };
  return h(
    "div",
    { class: "screen" },
    detailBar(t(member ? "card.title" : "search.title")),
    h(
      "form",
      { class: "body form", id: "profile", novalidate: true, on: { submit: save } },
      h("h1", { tabindex: "-1" }, t(member ? "profile.edit" : "member.new")),
      Object.values(editors).map((editor) => editor.element),
    ),
    h("div", { class: "dock" }, go),
  );
}

function build(member) {
  const ages = [
    { id: "", name: t("age.none") },
    ...AGES.map((id) => ({ id, name: t(`age.${id}`) })),
  ];
  return {
    name: field(t("profile.name"), {
      value: member?.name ?? "",
      maxlength: 80,
      autocapitalize: "words",
    }),
    phone: field(t("profile.phone"), { value: member?.phone ?? "", type: "tel", maxlength: 32 }),
    card_number: field(t("profile.card"), {
      value: member?.card_number ?? "",
      maxlength: 64,
      autocapitalize: "characters",
    }),
    sizes: sizesEditor(member?.sizes ?? []),
    preferences: wordsEditor(
      t("preferences"),
      t("profile.preference.add"),
      member?.preferences ?? [],
    ),
    language: segments(
      t("profile.language"),
      LANGUAGES.map((one) => ({ ...one, lang: one.id })),
      member?.language ?? language(),
    ),
    age_band: select(t("profile.age"), ages, member?.age_band ?? ""),
    do_not_disturb: toggle(t("quiet"), t("quiet.hint"), member?.do_not_disturb ?? false),
  };
}

const read = (editors) => ({
  name: editors.name.input.value.trim(),
  phone: editors.phone.input.value.trim() || null,
  card_number: editors.card_number.input.value.trim() || null,
  sizes: editors.sizes.value(),
  preferences: editors.preferences.value(),
  language: editors.language.value(),
  age_band: editors.age_band.control.value || null,
  do_not_disturb: editors.do_not_disturb.input.checked,
});

async function make(values) {
  const { member } = await api.create(values);
  toast(t("profile.created", { name: member.name }));
  swap("card", { id: member.id, reason: "search" });
}

// Only what differs is sent, so that two guides editing one card do not undo each other.
async function change(member, values) {
  const differs = ([key, value]) => JSON.stringify(value) !== JSON.stringify(member[key] ?? null);
  const patch = Object.fromEntries(Object.entries(values).filter(differs));
  if (Object.keys(patch).length) await api.edit(member.id, patch);
  toast(t("profile.saved"));
  back();
}

function complain(editors, error) {
  const key = error.field?.split(/[.[]/)[0];
  const editor = editors[key];
  if (editor?.fail) editor.fail(explain(error));
  else toast(explain(error), "trouble");
}
