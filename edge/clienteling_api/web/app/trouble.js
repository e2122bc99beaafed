// A failure in the guide's words.

import { ApiError } from "./api.js";
import { t } from "./i18n.js";

const KNOWN = {
  offline: "trouble.offline",
  store_unavailable: "trouble.store",
  vision_unavailable: "trouble.vision",
  scanner_unavailable: "trouble.scanner",
  face_matching_off: "trouble.off",
  matching_rests: "trouble.rests",
  not_allowed: "trouble.role",
};

/**
 * What to tell the guide: our own words where we have them, else what the gateway says.
 * What is no answer of the gateway is a mistake of the app, and goes to the console as well.
 */
export function explain(error) {
  if (!(error instanceof ApiError)) reportError(error);
  if (KNOWN[error?.code]) return t(KNOWN[error.code]);
  return error?.code && error.message ? error.message : t("trouble.internal");
}
