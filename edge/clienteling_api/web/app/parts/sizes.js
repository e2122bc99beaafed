// The editor of sizes: garment, value and system, a row each.

import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { iconButton } from "./button.js";

const GARMENTS = ["shoe", "top", "bottom"];
const SYSTEMS = ["EU", "US", "UK", "CN", "mm"];
const MOST = 12;

export function sizesEditor(sizes) {
  const rows = h("div", { class: "size-rows" });
  const add = h(
    "button",
    {
      class: "text-button",
      type: "button",
      on: { click: () => append(next(rows)).querySelector("input").focus() },
    },
    icon("plus"),
    t("sizes.add"),
  );
  const count = () => {
    add.hidden = rows.children.length >= MOST;
  };
  const append = (size) => {
    const element = row(size, count);
    rows.append(element);
    count();
    return element;
  };
  sizes.forEach(append);
  return {
    element: h("fieldset", { class: "field" }, h("legend", {}, t("sizes")), rows, add),
    value: () => [...rows.children].map(read).filter((size) => size.value),
  };
}

// A new row starts with a garment that has no size yet.
function next(rows) {
  const taken = [...rows.children].map((element) => read(element).garment);
  return {
    garment: GARMENTS.find((garment) => !taken.includes(garment)) ?? "top",
    system: "EU",
    value: "",
  };
}

function row(size, removed) {
  const element = h("div", { class: "size-row" });
  const remove = () => {
    element.remove();
    removed();
  };
  return fill(
    element,
    choice(
      "garment",
      t("sizes.garment"),
      GARMENTS.map((id) => [id, t(`garment.${id}`)]),
      size.garment,
    ),
    h("input", {
      class: "input",
      name: "value",
      "aria-label": t("sizes.value"),
      value: size.value,
      maxlength: 12,
      autocomplete: "off",
    }),
    choice(
      "system",
      t("sizes.system"),
      SYSTEMS.map((id) => [id, id]),
      size.system,
    ),
    iconButton(t("sizes.remove"), "close", remove),
  );
}

function choice(name, label, options, value) {
  const control = h(
    "select",
    { class: "input", name, "aria-label": label },
    options.map(([id, text]) => h("option", { value: id }, text)),
  );
  control.value = value;
  return control;
}

function read(element) {
  const part = (name) => element.querySelector(`[name=${name}]`).value.trim();
  return { garment: part("garment"), system: part("system"), value: part("value") };
}
