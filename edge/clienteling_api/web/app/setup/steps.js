// The steps in their order: what each is called, whether it is done, and how it is done.

import { t } from "../i18n.js";
import { camerasStep } from "./cameras.js";
import { headquartersStep } from "./headquarters.js";
import { managerStep } from "./manager.js";
import { privacyStep } from "./privacy.js";
import { scannersStep } from "./scanners.js";
import { storeStep } from "./store.js";

const UNNAMED = "Our shop"; // as the installer writes it

export const STEPS = {
  store: {
    view: storeStep,
    done: ({ store }) => store.name !== UNNAMED,
    says: ({ store }) => `${store.name} · ${store.time_zone}`,
  },
  cameras: {
    view: camerasStep,
    done: ({ cameras }) => cameras.length > 0,
    says: ({ cameras }) => names(cameras) || t("setup.cameras.todo"),
  },
  scanners: {
    view: scannersStep,
    optional: true,
    done: ({ scanners }) => scanners.length > 0,
    says: ({ scanners }) => names(scanners) || t("setup.scanners.todo"),
  },
  privacy: {
    view: privacyStep,
    done: ({ privacy }) => !privacy.why_off,
    says: ({ privacy }) => t(privacy.why_off ? "setup.privacy.off" : "setup.privacy.on"),
  },
  headquarters: {
    view: headquartersStep,
    optional: true,
    done: ({ headquarters_url: url }) => Boolean(url),
    says: ({ headquarters_url: url, claim }) => url ?? t(claimed[claim?.state] ?? "setup.headquarters.todo"),
  },
  manager: {
    view: managerStep,
    done: ({ managers }) => managers > 0,
    says: ({ managers }) => t(managers ? "setup.manager.is" : "setup.manager.todo"),
  },
};

/** The first step that is still to do and not left to choice; null when all are done. */
export const nextStep = (settings) =>
  Object.keys(STEPS).find((name) => !STEPS[name].optional && !STEPS[name].done(settings)) ?? null;

const claimed = { waiting: "claim.waits", refused: "claim.refused" };
const names = (devices) => devices.map((one) => one.place || one.id).join(" · ");
