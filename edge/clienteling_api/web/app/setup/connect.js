// From a camera that was found, or an address that was typed, to one of its streams.

import * as api from "../api.js";
import { fill, h } from "../dom.js";
import { decimal } from "../format.js";
import { t } from "../i18n.js";
import { explain } from "../trouble.js";
import { field } from "../parts/form.js";
import { cameraForm } from "./camera.js";
import { newDraft } from "./draft.js";
import { frame } from "./frame.js";

const CLOCK_OFF_S = 60;

/** A camera that speaks ONVIF: its user, then its streams. */
export function connectForm(found, { go, home }) {
  const who = userFields();
  const streams = h("div", { class: "form" });
  const ask = submitButton(t("setup.connect.go"), async () => {
    const credentials = who.value();
    const told = await api.streams({ addresses: found.addresses, ...credentials });
    fill(streams, choice(told, credentials, go, found.name));
    streams.querySelector("button")?.focus();
  }, who);
  return frame(
    {
      title: found.name || found.hardware || t("setup.cameras.unnamed"),
      lead: t("setup.connect.lead"),
      label: t("setup.cameras"),
      back: home,
    },
    who.element,
    ask,
    streams,
  );
}

function choice({ maker, model, clock_off_s: off, streams }, credentials, go, name) {
  return [
    h("h2", {}, t("setup.streams")),
    h("p", { class: "hint" }, [maker, model].filter(Boolean).join(" ")),
    Math.abs(off) > CLOCK_OFF_S &&
      h("p", { class: "notice-line" }, t("setup.connect.clock", { minutes: decimal(Math.abs(off) / 60) })),
    h(
      "div",
      { class: "rows" },
      streams.map((stream) =>
        h(
          "button",
          {
            class: "entry entry-button",
            type: "button",
            on: {
              click: () =>
                go(cameraForm, newDraft({ address: stream.address, ...credentials, place: name ?? "" })),
            },
          },
          h(
            "span",
            { class: "entry-main" },
            h(
              "strong",
              {},
              stream.name,
              stream.recommended && h("em", {}, t("setup.streams.best")),
            ),
            h("small", {}, described(stream)),
          ),
        ),
      ),
    ),
  ];
}

const described = ({ codec, width_px: width, height_px: height, fps }) =>
  [width && `${width} × ${height}`, codec, fps && t("setup.streams.fps", { n: fps })]
    .filter(Boolean)
    .join(" · ");

/** A camera by its address. */
export function typeForm({ go, home }) {
  const address = field(
    t("setup.type.address"),
    { placeholder: "rtsp://192.168.1.21:554/stream1", inputmode: "url", autocapitalize: "none", spellcheck: "false", maxlength: 500 },
    t("setup.type.hint"),
  );
  const who = userFields();
  const next = h("button", { class: "button primary wide", type: "button" }, t("setup.type.go"));
  next.addEventListener("click", () => {
    const text = address.input.value.trim();
    if (!/^((rtsps?|https?):\/\/\S+|\/dev\/\S+)$/.test(text)) return address.fail(t("setup.type.wrong"));
    return go(cameraForm, newDraft({ address: text, ...who.value() }));
  });
  return frame(
    { title: t("setup.cameras.type"), lead: t("setup.type.lead"), label: t("setup.cameras"), back: home, dock: next },
    address.element,
    who.element,
  );
}

function userFields() {
  const user = field(t("setup.connect.user"), { autocapitalize: "none", spellcheck: "false", maxlength: 64 });
  const password = field(
    t("setup.connect.password"),
    { type: "password", maxlength: 128, autocomplete: "off" },
    t("setup.connect.password.hint"),
  );
  return {
    element: h("div", { class: "form" }, user.element, password.element),
    value: () => ({ user: user.input.value.trim(), password: password.input.value }),
    fail: password.fail,
  };
}

function submitButton(words, act, who) {
  const element = h("button", { class: "button primary wide", type: "button" }, words);
  element.addEventListener("click", async () => {
    who.fail("");
    element.disabled = true;
    element.textContent = t("setup.connect.asking");
    try {
      await act();
    } catch (error) {
      who.fail(error.field === "password" ? t("setup.connect.refused") : explain(error));
    }
    element.disabled = false;
    element.textContent = words;
  });
  return element;
}
