// Start of the app: which screen is shown, and what all of them share.

import { arm } from "./alarm.js";
import { showAlerts } from "./alerts.js";
import { fill } from "./dom.js";
import { onLanguage, settle } from "./i18n.js";
import { closeSheets } from "./parts/sheet.js";
import { begin, onScreen } from "./session.js";
import { shell } from "./shell.js";
import { locked, starting, unreachable } from "./views/gates.js";
import { pairing, takeCode } from "./views/pairing.js";
import { trust } from "./views/trust.js";

const root = document.getElementById("app");
let code = takeCode();
let life = new AbortController();
let again = () => {};

const SCREENS = {
  starting: () => starting(),
  pairing: (why) => pairing({ code, why, trust: () => show("trust") }),
  trust: () => trust(code ? () => show("pairing", null) : begin),
  locked: () => locked(),
  unreachable: (error) => unreachable(error),
  shop: (_, signal) => shell(signal),
};

function show(name, what) {
  life.abort();
  life = new AbortController();
  closeSheets();
  if (name !== "shop")
    for (const id of ["announcer", "toasts"]) document.getElementById(id).replaceChildren();
  if (name === "shop") code = "";
  document.body.dataset.screen = name;
  fill(root, SCREENS[name](what, life.signal));
  again = () => show(name, what);
  root.querySelector("h1")?.focus({ preventScroll: true });
}

// A technician's page, and the notice for anybody: neither is the guide's, so neither is loaded there.
async function apart() {
  if (location.pathname === "/setup") {
    const { setupPage, takeSetupCode } = await import("./setup/page.js");
    takeSetupCode();
    SCREENS.setup = (_, signal) => setupPage(signal);
    show("setup");
  } else {
    const { publicNotice } = await import("./views/notice.js");
    SCREENS.notice = () => publicNotice();
    show("notice");
  }
}

onScreen(show);
onLanguage(() => again());
settle(null);
show("starting");
if (["/setup", "/notice"].includes(location.pathname)) {
  apart();
} else {
  showAlerts();
  arm();
  if (code) show("pairing", null);
  else if (location.pathname === "/trust") show("trust");
  else begin();
}
navigator.serviceWorker?.register("/service-worker.js").catch(() => {}); // without a trusted certificate there is none
