// A question above the screen, in the thumb's reach. A native dialog keeps the focus inside.

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { button, iconButton } from "./button.js";

/** Show `content(close)` in a sheet titled `title`; returns the function that closes it. */
export function sheet(title, content) {
  const dialog = h("dialog", { class: "sheet", "aria-label": title });
  const close = () => dialog.close();
  dialog.append(
    h(
      "header",
      { class: "sheet-head" },
      h("h2", {}, title),
      iconButton(t("close"), "close", close),
    ),
    content(close),
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && close());
  document.body.append(dialog);
  dialog.showModal();
  return close;
}

/** Ask before something that cannot be undone. */
export function ask({ title, text, yes, act, danger = false }) {
  sheet(title, (close) => {
    const go = button(yes, run, { kind: danger ? "danger" : "primary" });
    async function run() {
      go.disabled = true;
      await act();
      close();
    }
    const no = button(t("cancel"), close);
    return h(
      "div",
      { class: "sheet-body" },
      h("p", {}, text),
      h("div", { class: "answers" }, no, go),
    );
  });
}

/** Close every sheet, as when the session ends. */
export function closeSheets() {
  for (const dialog of document.querySelectorAll("dialog.sheet")) dialog.close();
}
