// What has to be settled before a face is matched: the law, who answers, the assessment, the sign.

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { explain } from "../trouble.js";
import { button } from "../parts/button.js";
import { field, select, toggle } from "../parts/form.js";
import { toast } from "../parts/toast.js";
import { frame, saveButton } from "./frame.js";
import { model, save } from "./model.js";

const PROFILES = ["off", "eu", "uk", "cn", "us"];
const REVOKE_MS = 60_000;

export function privacyStep({ done }) {
  const { privacy } = model.settings;
  const law = select(
    t("setup.privacy.profile"),
    PROFILES.map((id) => ({ id, name: t(`setup.privacy.profile.${id}`) })),
    privacy.profile,
  );
  const who = controllerFields(privacy.controller);
  const assessment = field(
    t("setup.privacy.assessment"),
    { value: privacy.assessment, maxlength: 80, placeholder: "DPIA-2026-014" },
    t("setup.privacy.assessment.hint"),
  );
  const months = field(
    t("setup.privacy.months"),
    { value: privacy.retention_months, type: "number", inputmode: "numeric", min: 1, max: 36 },
    t("setup.privacy.months.hint"),
  );
  const notice = field(
    t("setup.privacy.notice"),
    { value: privacy.notice_url ?? "", inputmode: "url", autocapitalize: "none", spellcheck: "false", maxlength: 300, placeholder: "https://" },
    t("setup.privacy.notice.hint"),
  );
  const sign = toggle(t("setup.sign.hangs"), t("setup.sign.hangs.hint"), Boolean(privacy.sign_confirmed_on));
  const read = () => readForm({ law, who, assessment, months, notice, sign }, privacy);
  const printing = button(t("setup.sign.print"), () => print(read, printing), { mark: "print", kind: "wide" });
  return frame(
    {
      title: t("setup.privacy"),
      lead: t("setup.privacy.lead"),
      back: done,
      dock: saveButton(read, done, { notice_url: notice, assessment, retention_months: months }),
    },
    conditions(privacy),
    law.element,
    h("section", { class: "section" }, h("h2", {}, t("setup.privacy.controller")), h("p", { class: "hint" }, t("setup.privacy.controller.hint")), Object.values(who).map((one) => one.element)),
    assessment.element,
    months.element,
    h("section", { class: "section" }, h("h2", {}, t("setup.sign")), h("p", { class: "hint" }, t("setup.sign.hint")), notice.element, printing, sign.element),
  );
}

// All four, and faces are matched; without one of them nobody's is.
function conditions(privacy) {
  const list = h("ul", { class: "conditions" });
  const met = {
    law: privacy.profile !== "off",
    controller: Boolean(privacy.controller),
    assessment: Boolean(privacy.assessment.trim()),
    sign: Boolean(privacy.sign_confirmed_on),
  };
  return fill(
    list,
    Object.entries(met).map(([name, is]) =>
      h(
        "li",
        { data: { met: is } },
        icon(is ? "check" : "clock", "small"),
        t(`setup.condition.${name}`),
        h("span", { class: "visually-hidden" }, t(is ? "setup.condition.met" : "setup.condition.open")),
      ),
    ),
  );
}

const controllerFields = (controller) => ({
  name: field(t("setup.controller.name"), { value: controller?.name ?? "", maxlength: 80 }),
  address: field(t("setup.controller.address"), { value: controller?.address ?? "", maxlength: 200 }),
  contact: field(t("setup.controller.contact"), { value: controller?.contact ?? "", maxlength: 80 }),
});

// What is left empty is left for later; half of who answers is nobody.
function readForm({ law, who, assessment, months, notice, sign }, privacy) {
  const controller = Object.fromEntries(Object.entries(who).map(([name, one]) => [name, one.input.value.trim()]));
  const given = Object.values(controller).filter(Boolean).length;
  for (const one of [...Object.values(who), assessment, months, notice]) one.fail("");
  const missing = Object.keys(who).find((name) => !controller[name]);
  if (given && missing) return void who[missing].fail(t("setup.controller.missing"));
  const kept = Number(months.input.value);
  if (!Number.isInteger(kept) || kept < 1 || kept > 36) return void months.fail(t("setup.privacy.months.wrong"));
  const url = notice.input.value.trim();
  if (url && !/^https?:\/\/\S+$/.test(url)) return void notice.fail(t("setup.privacy.notice.wrong"));
  const today = new Intl.DateTimeFormat("sv", { timeZone: model.settings.store.time_zone }).format(api.now());
  return {
    privacy_profile: law.control.value,
    assessment: assessment.input.value.trim(),
    retention_months: kept,
    ...(given && { controller }),
    ...(url && { notice_url: url }),
    ...(sign.input.checked && { sign_confirmed_on: privacy.sign_confirmed_on ?? today }),
  };
}

// What stands on the sign is written first, so that the two never differ.
async function print(read, printing) {
  const patch = read();
  if (!patch) return;
  printing.disabled = true;
  try {
    await save(patch);
    const { pdf, file_name: name } = await api.sign();
    const bytes = Uint8Array.from(atob(pdf), (letter) => letter.charCodeAt(0));
    const url = URL.createObjectURL(new Blob([bytes], { type: "application/pdf" }));
    h("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), REVOKE_MS);
  } catch (error) {
    toast(explain(error), "trouble");
  }
  printing.disabled = false;
}
