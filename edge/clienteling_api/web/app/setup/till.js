// The scanners of the shop as they are sent to the gateway, one more or one less.

import { t } from "../i18n.js";
import { model } from "./model.js";

// The gateway keeps the source of those it has, which may hold a password.
const body = ({ id, kind, place }) => ({ scanner_id: id, kind, place });

export const without = (gone) => model.settings.scanners.filter(({ id }) => id !== gone.id).map(body);

/** With one more, at the next till. */
export function together({ kind, source }) {
  const taken = new Set([...model.settings.scanners, ...model.settings.cameras].map(({ id }) => id));
  let n = 1;
  while (taken.has(`till-${n}`)) n += 1;
  const added = { scanner_id: `till-${n}`, kind, source, place: t("setup.scanners.till", { n }) };
  return [...model.settings.scanners.map(body), added];
}
