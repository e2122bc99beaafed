// Notes on a card, and the field to add one.

import * as api from "../api.js";
import { h } from "../dom.js";
import { day } from "../format.js";
import { t } from "../i18n.js";
import { explain } from "../trouble.js";
import { field } from "./form.js";
import { toast } from "./toast.js";

/** `update` gets the whole card once a note was added; `draft.text` outlives a redrawing. */
export function notesSection({ member, notes }, update, draft) {
  const text = field(t("notes.add"), {
    rows: 2,
    maxlength: 1000,
    placeholder: t("notes.hint"),
    value: draft.text,
    on: { input: () => (draft.text = text.input.value) },
  });
  const go = h("button", { class: "button", type: "submit" }, t("notes.save"));
  const submit = async (event) => {
    event.preventDefault();
    const words = text.input.value.trim();
    if (!words) return text.fail(t("notes.empty"));
    go.disabled = true;
    try {
      const whole = await api.note(member.id, words);
      draft.text = "";
      update(whole);
      toast(t("notes.saved"));
    } catch (error) {
      text.fail(explain(error));
      go.disabled = false;
    }
    return undefined;
  };
  return h(
    "section",
    { class: "section" },
    h("h2", {}, t("notes.title")),
    notes.map((note) =>
      h(
        "blockquote",
        { class: "note" },
        h("p", {}, note.text),
        h("footer", {}, `${note.author} · ${day(note.written_at)}`),
      ),
    ),
    h("form", { class: "note-form", on: { submit } }, text.element, go),
  );
}
