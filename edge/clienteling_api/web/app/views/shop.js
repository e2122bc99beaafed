// The shop: cameras, the phones that are paired, and this phone.

import { muted, mute, ring } from "../alarm.js";
import * as api from "../api.js";
import { fill, h } from "../dom.js";
import { ago, moment } from "../format.js";
import { LANGUAGES, choose, language, t, tag } from "../i18n.js";
import { icon } from "../icons.js";
import { openOnly } from "../router.js";
import { endShift, unpair } from "../session.js";
import { state, watch } from "../store.js";
import { explain } from "../trouble.js";
import { cameraPicture } from "../parts/camera.js";
import { segments, toggle } from "../parts/form.js";
import { lineSection } from "../parts/line.js";
import { ask } from "../parts/sheet.js";
import { skeleton } from "../parts/states.js";
import { toast } from "../parts/toast.js";
import { button, linkRow } from "../parts/button.js";

export function shop(_, signal) {
  const { me } = state;
  return h(
    "div",
    { class: "screen" },
    h(
      "header",
      { class: "title" },
      h("h1", { tabindex: "-1" }, t("shop.title")),
      h("p", { class: "count" }, me.store_name),
    ),
    h(
      "div",
      { class: "body stack" },
      camerasSection(signal),
      scannersSection(signal),
      lineSection(signal),
      me.role === "manager" && phonesSection(),
      thisPhone(me),
      h("p", { class: "version muted" }, `Regulars ${me.version}`),
    ),
    h("div", { class: "dock" }, button(t("shift.end"), endShift, { mark: "moon", kind: "wide" })),
  );
}

function camerasSection(signal) {
  const list = h("div", { class: "rows" });
  const draw = () => {
    const { cameras, vision, line, me } = state;
    if (!me) return;
    if (!cameras) return void fill(list, skeleton(1));
    fill(
      list,
      matching(me, vision, line),
      cameras.map(camera),
      !cameras.length && h("p", { class: "hint" }, t("eyes.none")),
    );
  };
  watch(["cameras", "vision", "line"], draw, signal);
  draw();
  return h(
    "section",
    { class: "section" },
    h("h2", {}, t("shop.cameras")),
    list,
    state.me.role === "manager" && [
      linkRow("rising", t("runs.title"), () => openOnly("load")),
      linkRow("pulse", t("doctor.title"), () => openOnly("checkup")),
      linkRow("shield", t("guards.title"), () => openOnly("guards")),
      linkRow("shop", t("setup.settings"), () => location.assign("/setup")),
    ],
  );
}

function matching(me, vision, line) {
  const off = !me.face_matching || vision === "off";
  const looks = vision === "ready" && !line?.matching_rests;
  const level = off ? "off" : looks ? "good" : "busy";
  const words = off ? "eyes.off" : looks ? "vision.ready" : line?.matching_rests ? "hq.rests.why" : `eyes.${vision}`;
  return h(
    "div",
    { class: "entry" },
    h("span", { class: "mark", data: { level } }, icon("face")),
    h(
      "span",
      { class: "entry-main" },
      h("strong", {}, t("vision.title")),
      h(
        "small",
        {},
        off && me.face_matching_off_because
          ? me.face_matching_off_because
          : t(words ?? "eyes.starting"),
      ),
    ),
  );
}

function camera({ place, state: seen }) {
  const since = t("camera.since", { time: moment(seen.since_at) });
  const more =
    seen.status === "live"
      ? t("camera.fps", { n: Math.round(seen.fps) })
      : t("camera.tries", { n: seen.reconnects });
  return h(
    "div",
    { class: "entry" },
    cameraPicture(seen.status),
    h(
      "span",
      { class: "entry-main" },
      h("strong", {}, place || seen.camera_id),
      h("small", {}, h("b", { class: `status ${seen.status}` }, t(`camera.${seen.status}`))),
      h("small", {}, `${since} · ${more}`),
    ),
  );
}

const LEVELS = { ready: "good", connecting: "busy", offline: "bad" };

function scannersSection(signal) {
  const list = h("div", { class: "rows" });
  const section = h("section", { class: "section" }, h("h2", {}, t("shop.scanners")), list);
  const draw = () => {
    section.hidden = !state.scanners?.length;
    fill(list, state.scanners?.map(scanner));
  };
  watch(["scanners"], draw, signal);
  draw();
  return section;
}

function scanner({ place, state: seen }) {
  const since = t("camera.since", { time: moment(seen.since_at) });
  return h(
    "div",
    { class: "entry" },
    h("span", { class: "mark", data: { level: LEVELS[seen.status] } }, icon("barcode")),
    h(
      "span",
      { class: "entry-main" },
      h("strong", {}, place || seen.scanner_id),
      h("small", {}, h("b", { class: `status ${seen.status}` }, t(`scanner.${seen.status}`))),
      h("small", {}, `${since} · ${t("scanner.scans", { n: seen.scans })}`),
    ),
  );
}

function phonesSection() {
  const list = h("div", { class: "rows" }, skeleton(2));
  const load = async () => {
    try {
      const { sessions } = await api.sessions();
      fill(
        list,
        sessions.map((session) => phone(session, load)),
      );
    } catch (error) {
      fill(list, h("p", { class: "hint" }, explain(error)), button(t("retry"), load));
    }
  };
  load();
  return h(
    "section",
    { class: "section" },
    h("h2", {}, t("shop.phones")),
    list,
    button(t("phones.invite"), () => openOnly("invitation"), { mark: "plus", kind: "wide" }),
  );
}

function phone(session, reload) {
  const revoke = () =>
    ask({
      title: t("phones.revoke.title", { name: session.guide_name }),
      text: t("phones.revoke.text", { device: session.device }),
      yes: t("phones.revoke"),
      danger: true,
      act: async () => {
        try {
          await api.revoke(session.id);
          toast(t("phones.revoked", { name: session.guide_name }));
        } catch (error) {
          toast(explain(error), "trouble");
        }
        await reload();
      },
    });
  const used = session.this_phone
    ? t("phones.this")
    : t("phones.used", { time: ago(session.last_used_at) });
  return h(
    "div",
    { class: "entry" },
    h(
      "span",
      { class: "mark", data: { level: session.this_phone ? "good" : "plain" } },
      icon("phone"),
    ),
    h(
      "span",
      { class: "entry-main" },
      h(
        "strong",
        {},
        session.guide_name,
        session.role === "manager" && h("em", {}, t("role.manager")),
      ),
      h("small", {}, `${session.device} · ${used}`),
    ),
    !session.this_phone &&
      h(
        "button",
        {
          class: "text-button danger",
          type: "button",
          "aria-label": t("phones.revoke.of", { name: session.guide_name, device: session.device }),
          on: { click: revoke },
        },
        t("phones.revoke"),
      ),
  );
}

function thisPhone(me) {
  const sound = toggle(t("sound"), t("sound.hint"), !muted(), (on) => {
    mute(!on);
    if (on) ring();
  });
  const leave = () =>
    ask({
      title: t("unpair"),
      text: t("unpair.text"),
      yes: t("unpair.go"),
      danger: true,
      act: () => unpair().catch((error) => toast(explain(error), "trouble")),
    });
  return h(
    "section",
    { class: "section" },
    h("h2", {}, t("shop.this")),
    h("p", { class: "hint" }, t("shop.you", { name: me.guide_name, role: t(`role.${me.role}`) })),
    sound.element,
    segments(
      t("language"),
      LANGUAGES.map((one) => ({ ...one, lang: tag(one.id) })),
      language(),
      choose,
    ).element,
    linkRow("leave", t("unpair"), leave),
  );
}
