// The strip that says whether the door is being watched: cameras and vision in one line.

import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { show } from "../router.js";
import { state, watch } from "../store.js";

/** What to say, and how loudly: "good", "busy" or "bad"; null while nothing is known. */
function sight({ me, vision, cameras, line }) {
  if (!vision || !cameras) return null;
  if (!me.face_matching || vision === "off") return { level: "off", text: t("eyes.off") };
  if (line?.matching_rests) return { level: "busy", text: t("eyes.rests") };
  if (vision !== "ready") return { level: "busy", text: t(`eyes.${vision}`) };
  const blind = cameras.filter(
    ({ state: camera }) => !["live", "finished"].includes(camera.status),
  );
  if (!cameras.length) return { level: "off", text: t("eyes.none") };
  if (!blind.length) return { level: "good", text: t("eyes.good", { n: cameras.length }) };
  const places = blind.map(({ place, state: camera }) => place || camera.camera_id);
  return { level: "bad", text: t("eyes.bad", { n: blind.length, place: places[0] }) };
}

export function eyes(signal) {
  const element = h("button", { class: "eyes", type: "button", on: { click: () => show("shop") } });
  const draw = () => {
    // What the cameras did before the line was lost says nothing about now.
    const seen = state.me && state.link !== "offline" && sight(state);
    element.hidden = !seen;
    if (!seen) return;
    element.dataset.level = seen.level;
    fill(
      element,
      icon(seen.level === "good" ? "camera" : "warn"),
      h("span", {}, seen.text),
      icon("forward", "small"),
    );
  };
  watch(["vision", "cameras", "me", "link", "line"], draw, signal);
  draw();
  return element;
}
