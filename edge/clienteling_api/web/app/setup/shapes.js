// Zone and masks, drawn on a camera's picture: by finger, pen or mouse, and by keyboard.
//
// Corners are fractions of the picture. Each is a button, so that it can be reached and named like
// everything else; the shapes between them are drawn.

import { fill, h, svg } from "../dom.js";
import { t } from "../i18n.js";
import { button } from "../parts/button.js";

const MASKS_MAX = 8;
const CORNERS_MAX = 24;
const STEP = 0.01;
const WHOLE = [[0, 0], [1, 0], [1, 1], [0, 1]];
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

/** `zone` is a polygon or null, `masks` are polygons; both are changed in place. */
export function shapesEditor(shapes) {
  const drawing = svg("svg", { class: "shapes", viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" });
  const corners = h("div", { class: "corners" });
  const over = h("div", { class: "shapes-over" }, drawing, corners);
  const tools = h("div", { class: "shape-tools" });
  let chosen = shapes.zone ? "zone" : shapes.masks.length ? 0 : null;

  const polygon = () => (chosen === "zone" ? shapes.zone : chosen === null ? null : shapes.masks[chosen]);
  const draw = () => {
    drawShapes();
    drawCorners();
    fill(tools, toolbar());
  };
  function drawShapes() {
    const points = (corners) => corners.map(([x, y]) => `${x},${y}`).join(" ");
    drawing.replaceChildren();
    if (shapes.zone) {
      const outside = `M0 0H1V1H0Z M${shapes.zone.map(([x, y]) => `${x} ${y}`).join("L")}Z`;
      drawing.append(
        svg("path", { class: "shape-outside", d: outside, "fill-rule": "evenodd" }),
        shape("polygon", "shape-zone", points(shapes.zone), "zone"),
      );
    }
    shapes.masks.forEach((mask, at) => drawing.append(shape("polygon", "shape-mask", points(mask), at)));
  }
  function shape(tag, name, points, which) {
    const element = svg(tag, { class: `${name}${which === chosen ? " chosen" : ""}`, points });
    element.addEventListener("pointerdown", (event) => {
      if (chosen !== which) {
        chosen = which;
        draw();
      }
      drag(event, polygon().map((_, at) => at));
    });
    return element;
  }
  function drawCorners() {
    fill(corners, (polygon() ?? []).map((_, at) => corner(at)));
    place();
  }
  function place() {
    [...corners.children].forEach((element, at) => {
      const [x, y] = polygon()[at];
      element.style.left = `${x * 100}%`;
      element.style.top = `${y * 100}%`;
    });
  }
  function corner(at) {
    const element = h("button", {
      class: "corner",
      type: "button",
      "aria-label": t("setup.shape.corner", { n: at + 1, shape: name(chosen) }),
      on: {
        pointerdown: (event) => drag(event, [at]),
        keydown: (event) => key(event, at),
      },
    });
    return element;
  }
  function key(event, at) {
    const step = ARROWS[event.key];
    if (step) {
      event.preventDefault();
      move([at], step[0] * (event.shiftKey ? 5 : 1), step[1] * (event.shiftKey ? 5 : 1));
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      removeCorner(at);
      corners.children[Math.max(0, at - 1)]?.focus();
    }
  }
  function drag(event, which) {
    event.preventDefault();
    event.target.focus?.({ preventScroll: true });
    const box = over.getBoundingClientRect();
    let last = [event.clientX, event.clientY];
    const held = event.pointerId;
    const end = new AbortController();
    const follow = (moved) => {
      if (moved.pointerId !== held) return;
      move(which, (moved.clientX - last[0]) / box.width, (moved.clientY - last[1]) / box.height);
      last = [moved.clientX, moved.clientY];
    };
    const { signal } = end;
    addEventListener("pointermove", follow, { signal });
    for (const over of ["pointerup", "pointercancel"]) addEventListener(over, () => end.abort(), { signal });
  }
  // A shape stays within the picture, and keeps its form where it is moved as a whole.
  function move(which, dx, dy) {
    const moved = polygon();
    const xs = which.map((at) => moved[at][0]);
    const ys = which.map((at) => moved[at][1]);
    const x = Math.max(-Math.min(...xs), Math.min(1 - Math.max(...xs), dx));
    const y = Math.max(-Math.min(...ys), Math.min(1 - Math.max(...ys), dy));
    for (const at of which) moved[at] = [round(moved[at][0] + x), round(moved[at][1] + y)];
    drawShapes();
    place();
  }
  function addCorner() {
    const around = polygon();
    const length = (at) => {
      const [[ax, ay], [bx, by]] = [around[at], around[(at + 1) % around.length]];
      return Math.hypot(ax - bx, ay - by);
    };
    const at = around.map((_, index) => index).reduce((a, b) => (length(b) > length(a) ? b : a));
    const [[ax, ay], [bx, by]] = [around[at], around[(at + 1) % around.length]];
    around.splice(at + 1, 0, [round((ax + bx) / 2), round((ay + by) / 2)]);
    draw();
    corners.children[at + 1].focus();
  }
  function removeCorner(at) {
    if (polygon().length <= 3) return;
    polygon().splice(at, 1);
    draw();
  }
  function remove() {
    if (chosen === "zone") shapes.zone = null;
    else shapes.masks.splice(chosen, 1);
    chosen = shapes.zone ? "zone" : shapes.masks.length ? 0 : null;
    draw();
  }
  const choose = (which) => {
    chosen = which;
    draw();
  };
  function toolbar() {
    return [
      h(
        "div",
        { class: "chips", role: "group", "aria-label": t("setup.shapes") },
        shapes.zone && chip("zone", choose),
        shapes.masks.map((_, at) => chip(at, choose)),
        !shapes.zone && button(t("setup.shape.zone.add"), addZone, { mark: "plus", kind: "small" }),
        shapes.masks.length < MASKS_MAX &&
          button(t("setup.shape.mask.add"), addMask, { mark: "plus", kind: "small" }),
      ),
      polygon() &&
        h(
          "div",
          { class: "two" },
          button(t("setup.shape.corner.add"), addCorner, {
            kind: "small",
            disabled: polygon().length >= CORNERS_MAX,
          }),
          button(t("setup.shape.remove"), remove, {
            mark: "trash",
            kind: "small",
            "aria-label": t("setup.shape.remove.of", { shape: name(chosen) }),
          }),
        ),
    ];
  }
  const chip = (which) =>
    h(
      "button",
      {
        class: "chip choice-chip",
        type: "button",
        "aria-pressed": String(which === chosen),
        on: { click: () => choose(which) },
      },
      name(which),
    );
  function addZone() {
    shapes.zone = within(WHOLE, 0.08);
    choose("zone");
  }
  function addMask() {
    shapes.masks.push(within(WHOLE, 0.36));
    choose(shapes.masks.length - 1);
  }
  draw();
  return { over, tools };
}

const name = (which) =>
  which === "zone" ? t("setup.shape.zone") : t("setup.shape.mask", { n: which + 1 });
const within = (corners, inset) =>
  corners.map(([x, y]) => [round(inset + x * (1 - 2 * inset)), round(inset + y * (1 - 2 * inset))]);
const round = (value) => Math.min(1, Math.max(0, Math.round(value * 1000) / 1000));
