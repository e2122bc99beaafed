// One to five photos, each judged at once: from this phone's camera, a file, or the door.

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import { has, t } from "../i18n.js";
import { icon } from "../icons.js";
import { back } from "../router.js";
import { state, watch } from "../store.js";
import { explain } from "../trouble.js";
import { finder } from "../parts/finder.js";
import { smaller } from "../parts/image.js";
import { sheet } from "../parts/sheet.js";
import { button, iconButton } from "../parts/button.js";
import { alikeWarning } from "../parts/guards.js";

const MOST = 5;
const ENOUGH = 3;

export function photos({ member, consent }, signal) {
  let full = false;
  const view = {
    dots: h("ol", { class: "dots" }),
    verdict: h("div", { class: "verdict", role: "status" }),
    sources: h("div", { class: "sources" }),
    dock: h("div", { class: "dock" }),
  };
  const lens = finder(signal, { onShot: (blob) => judge(() => api.photo(consent, blob)) });
  const draw = (taken) => {
    fill(
      view.dots,
      Array.from({ length: MOST }, (_, index) =>
        h("li", { class: index < taken ? "taken" : index < ENOUGH ? "wanted" : "" }),
      ),
    );
    view.dots.setAttribute("aria-label", t("photos.taken", { n: taken, most: MOST }));
    fill(
      view.dock,
      button(t("photos.done"), finish, {
        mark: "check",
        kind: taken >= ENOUGH ? "wide primary" : "wide",
        disabled: !taken,
      }),
    );
    full = taken >= MOST;
    rest(false);
  };
  const rest = (busy) => {
    lens.rest(busy || full);
    view.sources.inert = busy || full;
  };
  const judge = async (send) => {
    rest(true);
    fill(view.verdict, h("p", { class: "busy" }, t("photos.judging")));
    try {
      const judgement = await send();
      fill(view.verdict, verdict(judgement));
      draw(judgement.templates);
    } catch (error) {
      fill(view.verdict, h("p", { class: "bad" }, icon("warn"), explain(error)));
      rest(false);
    }
  };
  const finish = () => back();
  fill(view.sources, upload(consent, judge), door(consent, judge, view.verdict, signal));
  draw(0);
  startCount(member, draw, signal);
  return [
    h(
      "div",
      { class: "bar" },
      iconButton(t("back"), "close", back),
      h("p", { class: "bar-title" }, member.name),
      h("span", { class: "icon-space" }),
    ),
    h(
      "div",
      { class: "body photos" },
      h("h1", { tabindex: "-1", class: "visually-hidden" }, t("photos.title")),
      lens.element,
      view.verdict,
      view.dots,
      view.sources,
    ),
    view.dock,
  ];
}

// Someone who comes back for more photos has some already.
async function startCount(member, draw, signal) {
  const card = await api.card(member.id, "enrollment", signal).catch(() => null);
  if (card?.templates) draw(card.templates);
}

function verdict({ accepted, fault, message, templates, look_alikes: alike }) {
  if (!accepted) {
    return h(
      "p",
      { class: "bad" },
      icon("warn"),
      h("span", {}, has(`fault.${fault}`) ? t(`fault.${fault}`) : message),
    );
  }
  return [
    h(
      "p",
      { class: "good" },
      icon("check"),
      h("span", {}, t(templates < ENOUGH ? "photos.good.more" : "photos.good")),
    ),
    alikeWarning(alike.map((other) => other.name)),
  ];
}

function upload(consent, judge) {
  const input = h("input", {
    type: "file",
    accept: "image/*",
    class: "visually-hidden",
    "aria-label": t("photos.file"),
    on: {
      change: () => {
        const [file] = input.files;
        input.value = "";
        if (file) judge(async () => api.photo(consent, await smaller(file)));
      },
    },
  });
  return h("label", { class: "button" }, icon("upload"), t("photos.file"), input);
}

function door(consent, judge, status, signal) {
  let live = [];
  const use = ({ state: camera }) => {
    judge(() => api.doorPhoto(consent, camera.camera_id));
    fill(status, h("p", { class: "busy" }, t("photos.door.look")));
  };
  const choose = () =>
    sheet(t("photos.door.which"), (close) =>
      h(
        "div",
        { class: "sheet-body" },
        live.map((one) =>
          button(one.place, () => (close(), use(one)), { mark: "camera", kind: "wide" }),
        ),
      ),
    );
  const words = h("span");
  const control = button(words, () => (live.length > 1 ? choose() : use(live[0])), { mark: "door" });
  // A camera may come while the member stands there already.
  const draw = () => {
    live = (state.cameras ?? []).filter(({ state: camera }) => camera.status === "live");
    words.textContent = t(live.length ? "photos.door" : "photos.door.none");
    control.disabled = !live.length;
  };
  watch(["cameras"], draw, signal);
  draw();
  return control;
}
