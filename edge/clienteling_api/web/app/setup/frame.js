// What every step has: a way back, a title, what it is for, and a place for what went wrong.

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { explain } from "../trouble.js";
import { iconButton } from "../parts/button.js";
import { toast } from "../parts/toast.js";
import { save } from "./model.js";

/** A step's screen. `dock` stands in the thumb's reach, `back` leads where it came from. */
export const frame = ({ title, lead, back, dock = [], label = t("setup.title") }, ...content) =>
  h(
    "div",
    { class: "screen" },
    h(
      "div",
      { class: "bar" },
      iconButton(t("back"), "back", back),
      h("p", { class: "bar-title" }, label),
      h("span", { class: "icon-space" }),
    ),
    h(
      "div",
      { class: "body form step-body" },
      h("div", { class: "step-head" }, h("h1", { tabindex: "-1" }, title), lead && h("p", { class: "lead" }, lead)),
      content,
    ),
    h("div", { class: "dock" }, dock),
  );

/**
 * A button that writes what `read()` gives and then calls `done`. `fields` are shown what is wrong
 * with them, by the name that the gateway uses; the rest becomes a toast.
 */
export function saveButton(read, done, fields = {}) {
  const element = h("button", { class: "button primary wide", type: "button" }, t("save"));
  element.addEventListener("click", async () => {
    const patch = read();
    if (!patch) return;
    element.disabled = true;
    element.textContent = t("setup.saving");
    try {
      await save(patch);
      toast(t("setup.saved"));
      done();
    } catch (error) {
      const at = Object.keys(fields).find((name) => told(error, name));
      if (at) fields[at].fail(explain(error));
      else toast(explain(error), "trouble");
    }
    element.disabled = false;
    element.textContent = t("save");
  });
  return element;
}

// `field` is the request's, and a refusal of the configuration names its own key in the text.
const told = (error, name) =>
  error.field === name || (error.code === "bad_request" && error.message.startsWith(`${name}:`));
