// A question above the screen, in the thumb's reach. A native dialog keeps the focus inside.

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";

/** Show `content(close)` in a sheet titled `title`; returns the function that closes it. */
export function sheet(title, content) {
  const dialog = h("dialog", { class: "sheet", "aria-label": title });
  const close = () => dialog.close();
  dialog.append(
    h(
      "header",
      { class: "sheet-head" },
      h("h2", {}, title),
      h("button", { class: "icon-button", type: "button", "aria-label": t("close"), on: { click: close } }, icon("close")),
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
    const go = h(
      "button",
      { class: `button ${danger ? "danger" : "primary"}`, type: "button", on: { click: run } },
      yes,
    );
    async function run() {
      go.disabled = true;
      await act();
      close();
    }
    const no = h("button", { class: "button", type: "button", on: { click: close } }, t("cancel"));
    return h("div", { class: "sheet-body" }, h("p", {}, text), h("div", { class: "answers" }, no, go));
  });
}

/** Close every sheet, as when the session ends. */
export function closeSheets() {
  for (const dialog of document.querySelectorAll("dialog.sheet")) dialog.close();
}
