// A failure in the guide's words.

import { t } from "./i18n.js";

const KNOWN = {
  offline: "trouble.offline",
  store_unavailable: "trouble.store",
  vision_unavailable: "trouble.vision",
  face_matching_off: "trouble.off",
  not_allowed: "trouble.role",
};

/** What to tell the guide: our own words where we have them, else what the gateway says. */
export function explain(error) {
  if (KNOWN[error?.code]) return t(KNOWN[error.code]);
  return error?.code && error.message ? error.message : t("trouble.internal");
}
