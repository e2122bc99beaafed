// A list of short words that one adds and takes away: preferences.

import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { field } from "./form.js";
import { button } from "./button.js";

const MOST = 24;

export function wordsEditor(label, hint, words) {
  let kept = [...words];
  const list = h("ul", { class: "chips editable", "aria-label": label });
  const adding = field(label, { placeholder: hint, maxlength: 80, enterkeyhint: "done" });
  const add = () => {
    const word = adding.input.value.trim();
    if (word && !kept.includes(word) && kept.length < MOST) kept = [...kept, word];
    adding.input.value = "";
    draw();
  };
  const remove = (word) => {
    kept = kept.filter((other) => other !== word);
    draw();
  };
  const chip = (word) =>
    h(
      "li",
      { class: "chip" },
      word,
      h(
        "button",
        {
          class: "chip-remove",
          type: "button",
          "aria-label": t("words.remove", { word }),
          on: { click: () => remove(word) },
        },
        icon("close"),
      ),
    );
  const draw = () => fill(list, kept.map(chip));
  adding.input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    add();
  });
  const row = h("div", { class: "field-row" });
  adding.input.replaceWith(row);
  row.append(adding.input, button(t("add"), add));
  adding.element.append(list);
  draw();
  return {
    element: adding.element,
    value: () => {
      add(); // a word typed but not yet added was meant
      return kept;
    },
  };
}
