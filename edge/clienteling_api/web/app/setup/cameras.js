// The cameras: those of the shop, those that were found, and the way to one that was not.

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { linkRow } from "../parts/button.js";
import { failure, skeleton } from "../parts/states.js";
import { cameraForm } from "./camera.js";
import { connectForm, typeForm } from "./connect.js";
import { draftOf, newDraft } from "./draft.js";
import { frame } from "./frame.js";
import { model, onModel } from "./model.js";
import { stages } from "./stages.js";

export const camerasStep = (context) => stages(list, context);

function list({ signal, go, home, done }) {
  const own = h("div", { class: "rows" });
  const drawOwn = () => fill(own, model.settings.cameras.map((camera) => ownRow(camera, go)));
  const found = h("div", { class: "rows" });
  const look = async () => {
    fill(found, h("p", { class: "hint" }, t("setup.cameras.looking")), skeleton(2));
    try {
      const { cameras } = await api.findCameras(signal);
      if (!signal.aborted) fill(found, foundRows(cameras, go));
    } catch (error) {
      if (!signal.aborted) fill(found, failure(error, look));
    }
  };
  onModel(drawOwn, signal);
  drawOwn();
  look();
  return frame(
    { title: t("setup.cameras"), lead: t("setup.cameras.lead"), back: done },
    model.settings.cameras.length > 0 &&
      h("section", { class: "section" }, h("h2", {}, t("setup.cameras.own")), own),
    h(
      "section",
      { class: "section" },
      h("h2", {}, t("setup.cameras.found")),
      found,
    ),
    linkRow("turn", t("setup.cameras.again"), home),
    linkRow("edit", t("setup.cameras.type"), () => go(typeForm)),
  );
}

function ownRow(camera, go) {
  const said = camera.state ? t(`camera.${camera.state.status}`) : camera.address;
  return entry("eye", camera.place || camera.id, said, () => go(cameraForm, draftOf(camera)));
}

function foundRows(cameras, go) {
  const known = new Set(model.settings.cameras.map((camera) => camera.address));
  const hosts = new Set([...known].map(hostOf));
  const rest = cameras.filter((camera) => !known.has(camera.address));
  if (!rest.length) return h("p", { class: "hint" }, t("setup.cameras.none"));
  return rest.map((camera) =>
    entry(
      "camera",
      [
        camera.name || camera.hardware || t("setup.cameras.unnamed"),
        camera.addresses.some((address) => hosts.has(hostOf(address))) &&
          h("em", {}, t("setup.cameras.used")),
      ],
      where(camera),
      () =>
        camera.address
          ? go(cameraForm, newDraft({ address: camera.address }))
          : go(connectForm, camera),
    ),
  );
}

const where = (camera) =>
  camera.address ?? [camera.hardware, new URL(camera.addresses[0]).host].filter(Boolean).join(" · ");

// A stream and the device that gives it have the host in common, whatever their schemes are.
const hostOf = (address) => /^[a-z]+:\/\/(\[[^\]]+\]|[^/:]+)/.exec(address)?.[1] ?? address;

const entry = (mark, name, said, act) =>
  h(
    "button",
    { class: "entry entry-button", type: "button", on: { click: act } },
    h("span", { class: "mark" }, icon(mark)),
    h("span", { class: "entry-main" }, h("strong", {}, name), h("small", {}, said)),
    icon("forward", "small"),
  );
