// The shop itself: its names, its time, its language.

import { h } from "../dom.js";
import { LANGUAGES, t, tag } from "../i18n.js";
import { field, segments, select } from "../parts/form.js";
import { frame, saveButton } from "./frame.js";
import { model } from "./model.js";

export function storeStep({ done }) {
  const { store } = model.settings;
  const name = field(t("setup.store.name"), { value: store.name, maxlength: 80 });
  const id = field(
    t("setup.store.id"),
    { value: store.id, maxlength: 40, autocapitalize: "none", spellcheck: "false", readonly: store.id_is_settled },
    t(store.id_is_settled ? "setup.store.id.settled" : "setup.store.id.hint"),
  );
  const zone = select(t("setup.store.zone"), zones(store.time_zone), store.time_zone);
  const language = segments(
    t("setup.store.language"),
    LANGUAGES.map((one) => ({ ...one, lang: tag(one.id) })),
    store.language,
  );
  const read = () => {
    for (const one of [name, id]) one.fail("");
    if (!name.input.value.trim()) return void name.fail(t("setup.store.name.missing"));
    if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(id.input.value)) return void id.fail(t("setup.store.id.wrong"));
    return {
      store_name: name.input.value.trim(),
      store_id: id.input.value,
      time_zone: zone.control.value,
      language: language.value(),
    };
  };
  return frame(
    {
      title: t("setup.store"),
      lead: t("setup.store.lead"),
      back: done,
      dock: saveButton(read, done, { "store.name": name, "store.id": id }),
    },
    name.element,
    id.element,
    zone.element,
    h("p", { class: "hint" }, t("setup.store.zone.hint", { time: here(zone) })),
    language.element,
  );
}

// The browser's own zone stands first: the technician is in the shop.
function zones(own) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const all = Intl.supportedValuesOf("timeZone");
  return [...new Set([own, here, "UTC", ...all])].map((id) => ({ id, name: id.replaceAll("_", " ") }));
}

const here = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
