// The first manager's phone: a code to scan, and word when it was.

import * as api from "../api.js";
import { every, fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { button } from "../parts/button.js";
import { picture } from "../parts/receipt.js";
import { empty, failure, skeleton } from "../parts/states.js";
import { frame } from "./frame.js";
import { model, onModel, refresh } from "./model.js";

const WATCH_MS = 1500;

export function managerStep({ signal, done }) {
  const body = h("div", { class: "form centred-column" });
  let paired = null;
  const draw = () => {
    const is = model.settings.managers > 0;
    if (is === paired) return;
    paired = is;
    if (is) fill(body, empty("check", t("setup.manager.is"), t("setup.manager.is.hint")));
    else invite();
  };
  const invite = async () => {
    fill(body, skeleton(1));
    try {
      const invited = await api.inviteManager();
      if (!signal.aborted && !paired) fill(body, shown(invited, invite, signal));
    } catch (error) {
      if (!signal.aborted) fill(body, failure(error, invite));
    }
  };
  onModel(draw, signal);
  draw();
  every(WATCH_MS, () => model.opening || document.hidden || refresh(), signal);
  return frame({ title: t("setup.manager"), lead: t("setup.manager.lead"), back: done }, body);
}

function shown({ code, qr_svg: qr, expires_at: end }, again, signal) {
  const left = h("p", { class: "countdown", role: "timer" });
  const image = picture(qr, t("setup.manager.qr"));
  const tick = () => {
    const seconds = Math.max(0, Math.floor((new Date(end) - api.now()) / 1000));
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    left.textContent = seconds ? t("invite.left", { time }) : t("invite.over");
    image.classList.toggle("over", !seconds);
  };
  every(1000, tick, signal);
  return [image, h("p", { class: "code" }, code), left, button(t("invite.again"), again)];
}
