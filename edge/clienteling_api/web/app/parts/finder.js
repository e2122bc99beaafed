// The phone's own camera with an oval to put the face in.

import { fill, h, svg } from "../dom.js";
import { t } from "../i18n.js";
import { frame } from "./image.js";
import { button, iconButton } from "./button.js";

/** `onShot` gets each photo as a JPEG blob. The camera is let go when `signal` aborts. */
export function finder(signal, { onShot }) {
  const element = h("div", { class: "finder" });
  const video = h("video", {
    autoplay: true,
    playsinline: true,
    muted: true,
    "aria-label": t("photos.camera"),
  });
  let facing = "environment";
  let stream = null;
  let resting = false;
  const shutter = h("button", {
    class: "shutter",
    type: "button",
    disabled: true,
    "aria-label": t("photos.take"),
    on: { click: async () => onShot(await frame(video)) },
  });
  // Before the first frame there is nothing to take.
  const settle = () => (shutter.disabled = resting || !video.videoWidth);
  for (const event of ["loadeddata", "emptied"]) video.addEventListener(event, settle);
  const release = () => stream?.getTracks().forEach((track) => track.stop());
  const start = async () => {
    release();
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: facing, width: { ideal: 1280 }, height: { ideal: 1280 } },
      });
    } catch {
      return fill(element, refused(start));
    }
    if (signal.aborted) return release();
    video.srcObject = stream;
    video.classList.toggle("mirrored", facing === "user");
    return fill(
      element,
      video,
      guide(),
      h("div", { class: "finder-foot" }, h("span", { class: "icon-space" }), shutter, turn),
    );
  };
  const turn = iconButton(t("photos.turn"), "turn", () => {
    facing = facing === "user" ? "environment" : "user";
    start();
  });
  signal.addEventListener("abort", release);
  if (navigator.mediaDevices) fill(element, offer(start));
  else fill(element, refused(null));
  return {
    element,
    rest: (busy) => {
      resting = busy;
      settle();
    },
  };
}

const offer = (start) =>
  h(
    "div",
    { class: "finder-offer" },
    guide(),
    button(t("photos.start"), start, { mark: "camera", kind: "primary" }),
  );

function refused(retry) {
  return h(
    "div",
    { class: "finder-offer" },
    h("p", {}, t(retry ? "photos.refused" : "photos.insecure")),
    retry && button(t("retry"), retry),
  );
}

const guide = () =>
  svg(
    "svg",
    {
      class: "oval",
      viewBox: "0 0 100 100",
      preserveAspectRatio: "xMidYMid meet",
      "aria-hidden": "true",
    },
    svg("ellipse", { cx: 50, cy: 50, rx: 35, ry: 47 }),
  );
