// A member who arrives without a face: by card or code, or by phone number.

import * as api from "../api.js";
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { openOnly } from "../router.js";
import { change } from "../store.js";
import { explain } from "../trouble.js";
import { put } from "../visits.js";
import { field, segments } from "./form.js";
import { sheet } from "./sheet.js";
import { toast } from "./toast.js";

const KEYBOARDS = { code: "text", phone: "tel" };

export function checkIn() {
  sheet(t("checkin"), (close) => {
    const typed = field(t("checkin.code"), {
      inputmode: "text",
      maxlength: 64,
      autocapitalize: "characters",
      autofocus: true,
    });
    const label = typed.element.querySelector("label");
    const by = segments(
      t("checkin.by"),
      [
        { id: "code", name: t("checkin.code") },
        { id: "phone", name: t("checkin.phone") },
      ],
      "code",
      (kind) => {
        label.textContent = t(`checkin.${kind}`);
        typed.input.inputMode = KEYBOARDS[kind];
        typed.fail("");
        typed.input.focus();
      },
    );
    const go = h("button", { class: "button primary wide", type: "submit" }, t("checkin.go"));
    const submit = async (event) => {
      event.preventDefault();
      const text = typed.input.value.trim();
      if (text.length < 4) return typed.fail(t("checkin.short"));
      go.disabled = true;
      const error = await arrive({ [by.value()]: text });
      go.disabled = false;
      if (!error) return close();
      return typed.fail(error.status === 404 ? t("checkin.unknown") : explain(error));
    };
    return h("form", { class: "sheet-body", on: { submit } }, by.element, typed.element, go);
  });
}

/** Open a visit and the member's card; returns the error, if there is one. */
export async function arrive(who) {
  try {
    const visit = await api.arrive(who);
    put(visit);
    change({ serving: visit.id });
    toast(t("arrived.toast", { name: visit.member.name }));
    openOnly("card", { id: visit.member.id, reason: "visit" });
    return null;
  } catch (error) {
    return error;
  }
}
