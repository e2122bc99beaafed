// A manager invites one phone: a name, a role, and a QR that lives five minutes.

import * as api from "../api.js";
import { every, fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { back } from "../router.js";
import { explain } from "../trouble.js";
import { detailBar } from "../parts/bar.js";
import { fingerprint } from "../parts/fingerprint.js";
import { field, segments } from "../parts/form.js";
import { picture } from "../parts/receipt.js";
import { button } from "../parts/button.js";

export function invitation(_, signal) {
  const element = h("div", { class: "screen" });
  fill(element, form(element, signal));
  return element;
}

function form(element, signal) {
  const name = field(t("invite.name"), { maxlength: 80, autocapitalize: "words" });
  const role = segments(
    t("invite.role"),
    ["guide", "manager"].map((id) => ({ id, name: t(`role.${id}`) })),
    "guide",
  );
  const go = h(
    "button",
    { class: "button primary wide", type: "submit", form: "invite" },
    t("invite.go"),
  );
  const submit = async (event) => {
    event.preventDefault();
    const guide = name.input.value.trim();
    if (!guide) return name.fail(t("profile.name.missing"));
    go.disabled = true;
    try {
      fill(
        element,
        shown(
          await api.invite(guide, role.value()),
          guide,
          () => fill(element, form(element, signal)),
          signal,
        ),
      );
      element.querySelector("h1").focus();
    } catch (error) {
      name.fail(explain(error));
      go.disabled = false;
    }
    return undefined;
  };
  return [
    detailBar(t("shop.title")),
    h(
      "form",
      { class: "body form", id: "invite", novalidate: true, on: { submit } },
      h("h1", { tabindex: "-1" }, t("phones.invite")),
      h("p", { class: "lead" }, t("invite.hint")),
      name.element,
      role.element,
    ),
    h("div", { class: "dock" }, go),
  ];
}

function shown({ code, qr_svg: qr, expires_at: end }, guide, again, signal) {
  const left = h("p", { class: "countdown", role: "timer" });
  const image = picture(qr, t("invite.qr", { name: guide }));
  const tick = () => {
    const seconds = Math.max(0, Math.floor((new Date(end) - api.now()) / 1000));
    left.textContent = seconds
      ? t("invite.left", {
          time: `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`,
        })
      : t("invite.over");
    image.classList.toggle("over", !seconds);
  };
  every(1000, tick, signal);
  const mark = h("div");
  api
    .authority()
    .then((authority) => fill(mark, fingerprint(authority, t("trust.compare.manager"))))
    .catch(() => {}); // the invitation holds without it
  return [
    detailBar(t("shop.title")),
    h(
      "div",
      { class: "body form centred" },
      h("h1", { tabindex: "-1" }, t("invite.scan", { name: guide })),
      image,
      h("p", { class: "code" }, code),
      left,
      mark,
    ),
    h(
      "div",
      { class: "dock two" },
      button(t("invite.again"), again),
      button(t("done"), back, { kind: "primary" }),
    ),
  ];
}
