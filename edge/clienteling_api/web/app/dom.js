// DOM made by functions. Text always goes in as text, so nothing a person typed is ever markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element. Props: `class`, `on` ({event: handler}), `data` ({name: value}), DOM
 * properties such as `value` and `checked`, and attributes for everything else; null,
 * undefined and false leave an attribute out.
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) set(element, name, value);
  add(element, children);
  return element;
}

/** The same for SVG, where everything but `class` is an attribute. */
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes ?? {})) element.setAttribute(name, value);
  add(element, children);
  return element;
}

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "inert", "srcObject"]);

function set(element, name, value) {
  if (name === "on") {
    for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
  } else if (name === "data") {
    Object.assign(element.dataset, value);
  } else if (PROPERTIES.has(name)) {
    element[name] = value;
  } else if (value !== null && value !== undefined && value !== false) {
    element.setAttribute(name, value === true ? "" : value);
  }
}

function add(element, children) {
  element.append(
    ...children
      .flat(Infinity)
      .filter((child) => child !== null && child !== undefined && child !== false),
  );
}

/** Put new children in place of the old; null and false are left out. */
export function fill(element, ...children) {
  element.replaceChildren();
  add(element, children);
  return element;
}

/**
 * Show `items` as children of `list`, keeping the element of each key in place, so that
 * focus and running animations survive. `build` makes an element, `update` refreshes one.
 */
export function keyed(list, items, key, build, update) {
  const known = new Map([...list.children].map((child) => [child.dataset.key, child]));
  const wanted = items.map((item) => {
    const existing = known.get(key(item));
    if (existing) {
      update(existing, item);
      return existing;
    }
    const element = build(item);
    element.dataset.key = key(item);
    return element;
  });
  for (const child of [...list.children]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((element, index) => {
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
  });
}

/** Run `fn` now and then every `ms`, until `signal` aborts. */
export function every(ms, fn, signal) {
  fn();
  const timer = setInterval(fn, ms);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}
