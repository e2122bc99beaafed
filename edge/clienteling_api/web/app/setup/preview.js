// What a camera sees, a still at a time, for as long as somebody looks. Nothing of it is kept.

import * as api from "../api.js";
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { explain } from "../trouble.js";

const PAUSE_MS = 250;
const AFTER_TROUBLE_MS = 2500;

/**
 * A live picture. `source()` says which camera and which masks, each time anew; `over` lies on it.
 * `onSize(width, height)` is told the size of the camera's picture.
 */
export function preview(source, over, signal, onSize = () => {}) {
  const image = h("img", { class: "preview-picture", alt: t("setup.preview"), hidden: true });
  const words = h("span", {}, t("setup.preview.waits"));
  const note = h("p", { class: "preview-note", role: "status" }, icon("camera"), words);
  const element = h("div", { class: "preview" }, image, over, note);
  const look = async () => {
    try {
      const still = await api.still(source(), signal);
      if (signal.aborted) return;
      image.src = `data:image/jpeg;base64,${still.jpeg}`;
      image.hidden = false;
      note.hidden = true;
      if (still.width_px) element.style.aspectRatio = `${still.width_px} / ${still.height_px}`;
      onSize(still.width_px, still.height_px);
      setTimeout(next, PAUSE_MS);
    } catch (error) {
      if (signal.aborted) return;
      words.textContent = explain(error);
      note.hidden = false;
      image.hidden = true;
      setTimeout(next, AFTER_TROUBLE_MS);
    }
  };
  const next = () => {
    if (signal.aborted) return;
    if (document.hidden || !element.isConnected) setTimeout(next, AFTER_TROUBLE_MS);
    else look();
  };
  setTimeout(next);
  signal.addEventListener("abort", () => image.removeAttribute("src"), { once: true });
  return element;
}
