// Labelled fields and choices.

import { h } from "../dom.js";

let count = 0;

/** A text field with its label and a place for what is wrong with it. */
export function field(label, props = {}, hint = null) {
  const id = `field-${(count += 1)}`;
  const input = h(props.rows ? "textarea" : "input", {
    id,
    class: "input",
    autocomplete: "off",
    ...props,
  });
  const error = h("p", { class: "field-error", id: `${id}-error`, role: "alert" });
  input.setAttribute("aria-describedby", error.id);
  const element = h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    input,
    hint && h("p", { class: "hint" }, hint),
    error,
  );
  const fail = (text) => {
    error.textContent = text;
    input.setAttribute("aria-invalid", text ? "true" : "false");
    if (text) input.focus();
  };
  return { element, input, fail };
}

/** One of a few, as a row of equal segments. `onChange` gets the new value. */
export function segments(label, options, value, onChange = () => {}) {
  const name = `segments-${(count += 1)}`;
  const element = h(
    "fieldset",
    { class: "segments" },
    h("legend", {}, label),
    h(
      "div",
      { class: "segments-row" },
      options.map((option) =>
        h(
          "label",
          { class: "segment" },
          h("input", {
            type: "radio",
            name,
            value: option.id,
            checked: option.id === value,
            on: { change: () => onChange(option.id) },
          }),
          h("span", { lang: option.lang }, option.name),
        ),
      ),
    ),
  );
  return { element, value: () => element.querySelector("input:checked")?.value };
}

/** A drop-down. */
export function select(label, options, value, { hideLabel = false } = {}) {
  const id = `select-${(count += 1)}`;
  const control = h(
    "select",
    { id, class: "input" },
    options.map((option) => h("option", { value: option.id }, option.name)),
  );
  control.value = value;
  const element = h(
    "div",
    { class: "field" },
    h("label", { for: id, class: hideLabel ? "visually-hidden" : null }, label),
    control,
  );
  return { element, control };
}

/** A switch with a sentence. */
export function toggle(label, hint, checked, onChange = () => {}) {
  const input = h("input", {
    type: "checkbox",
    role: "switch",
    checked,
    on: { change: () => onChange(input.checked) },
  });
  const element = h(
    "label",
    { class: "toggle" },
    h("span", {}, h("strong", {}, label), hint && h("small", {}, hint)),
    input,
    h("i", { "aria-hidden": "true" }),
  );
  return { element, input };
}
