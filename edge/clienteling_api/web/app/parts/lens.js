// The phone's camera, looking for codes: by the browser's own detector where there is one,
// else by the gateway, a picture at a time and never faster than it answers.

import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { state } from "../store.js";
import { button, iconButton } from "./button.js";

const REST_MS = 120; // least time between two looks
const TIRED_MS = 90_000; // without a code for this long, the camera rests
const LONGEST_PX = 1000;
const QUALITY = 0.8;
const FORMATS = [
  "qr_code", "aztec", "data_matrix", "pdf417", "ean_13", "ean_8", "upc_a", "upc_e",
  "code_39", "code_93", "code_128", "itf", "codabar",
]; // prettier-ignore
// Detectors do not say whether these hold GS1 element strings; the gateway's reader does.
const UNSURE = new Set(["data_matrix", "code_128"]);

/** `onRead({text, symbology})` and `onFrame(blob)` are awaited; `onFrame` says if it held a code. */
export function lens(signal, { onRead, onFrame }) {
  const element = h("div", { class: "finder lens" });
  const video = h("video", {
    autoplay: true,
    playsinline: true,
    muted: true,
    "aria-label": t("scan.camera"),
  });
  const aim = h("div", { class: "aim", "aria-hidden": "true" });
  let life = null; // of the camera, from start to stop
  const stop = () => life?.abort();
  signal.addEventListener("abort", stop);

  const start = async () => {
    stop();
    life = new AbortController();
    const own = life.signal;
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } },
      });
    } catch (error) {
      return void fill(element, refused(error, start));
    }
    const release = () => stream.getTracks().forEach((track) => track.stop());
    if (signal.aborted || own.aborted) return release();
    own.addEventListener("abort", release);
    video.srcObject = stream;
    fill(element, video, aim, torch(stream.getVideoTracks()[0]));
    stream.getVideoTracks()[0].addEventListener("ended", () => own.aborted || lost());
    return watch(own);
  };
  const rest = () => {
    stop();
    fill(element, offer("scan.rested", start));
  };
  const lost = () => fill(element, refused(null, start));

  async function watch(own) {
    const detector = await nativeDetector();
    let codeAt = Date.now();
    while (!own.aborted) {
      const began = performance.now();
      if (ready()) if (await look(detector)) codeAt = Date.now();
      if (element.offsetParent === null) codeAt = Date.now();
      if (Date.now() - codeAt > TIRED_MS) return rest();
      await pause(Math.max(REST_MS, performance.now() - began));
    }
    return undefined;
  }
  const ready = () =>
    video.videoWidth > 0 &&
    element.offsetParent !== null && // not under a verdict
    !document.hidden &&
    !document.querySelector("dialog[open]") &&
    state.link === "live";

  async function look(detector) {
    try {
      const [code] = detector ? await detector.detect(video) : [null];
      if (code && !UNSURE.has(code.format)) {
        await onRead({ text: code.rawValue, symbology: symbologyOf(code.format) });
        return true;
      }
      return detector && !code ? false : await onFrame(await within(video, aim));
    } catch {
      return false; // a frame that was lost: the next one is another chance
    }
  }

  if (!navigator.mediaDevices) fill(element, refused(null, null));
  else {
    fill(element, offer("scan.hint", start));
    allowed().then((yes) => yes && !signal.aborted && start());
  }
  return element;
}

const symbologyOf = (format) => (format === "qr_code" ? "qr" : format);

async function nativeDetector() {
  if (!("BarcodeDetector" in window)) return null;
  const known = await BarcodeDetector.getSupportedFormats();
  const formats = FORMATS.filter((format) => known.includes(format));
  return formats.includes("qr_code") ? new BarcodeDetector({ formats }) : null;
}

// Whether the guide has said yes before: then the camera starts by itself.
async function allowed() {
  try {
    return (await navigator.permissions.query({ name: "camera" })).state === "granted";
  } catch {
    return false; // not every browser can be asked
  }
}

/** What is seen inside the aiming frame, as a small JPEG. */
function within(video, aim) {
  const seen = video.getBoundingClientRect();
  const frame = aim.getBoundingClientRect();
  // The video covers its box: the shorter side fits, the longer one is cut.
  const scale = Math.max(seen.width / video.videoWidth, seen.height / video.videoHeight);
  const left = (video.videoWidth - seen.width / scale) / 2 + (frame.left - seen.left) / scale;
  const top = (video.videoHeight - seen.height / scale) / 2 + (frame.top - seen.top) / scale;
  const [width, height] = [frame.width / scale, frame.height / scale];
  const smaller = Math.min(1, LONGEST_PX / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * smaller);
  canvas.height = Math.round(height * smaller);
  const paint = canvas.getContext("2d");
  paint.drawImage(video, left, top, width, height, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function torch(track) {
  if (!track.getCapabilities?.().torch) return null;
  let on = false;
  const control = iconButton(t("scan.torch"), "torch", async () => {
    on = !on;
    await track.applyConstraints({ advanced: [{ torch: on }] });
    control.setAttribute("aria-pressed", String(on));
  });
  control.setAttribute("aria-pressed", "false");
  control.classList.add("torch");
  return control;
}

const offer = (words, start) =>
  h(
    "div",
    { class: "finder-offer" },
    h("p", {}, t(words)),
    button(t("scan.start"), start, { mark: "camera", kind: "primary" }),
  );

const REFUSALS = { NotAllowedError: "scan.denied", NotFoundError: "scan.absent" };

function refused(error, retry) {
  const words = retry ? (REFUSALS[error?.name] ?? "scan.lost") : "scan.insecure";
  return h(
    "div",
    { class: "finder-offer", role: "status" },
    h("p", {}, t(words)),
    retry && button(t("retry"), retry),
  );
}
