// What the feed tells, each kind to the part of the app that it concerns.

import { overheard } from "./scans.js";
import { change } from "./store.js";
import { arrive, put, remove } from "./visits.js";

const EVENTS = {
  "visit.opened": ({ visit }) => arrive(visit),
  "visit.changed": ({ visit }) => put(visit),
  "visit.closed": ({ visit_id: id }) => remove(id),
  "member.changed": ({ member_id: id }) => change({ touched: { id } }),
  "cameras.changed": ({ cameras }) => change({ cameras }),
  "scanners.changed": ({ scanners }) => change({ scanners }),
  "scan.heard": overheard,
  "vision.changed": ({ state: vision }) => change({ vision }),
  "line.changed": ({ line }) => change({ line }),
  "attack.seen": ({ place, seen_at }) => change({ attack: { place, seen_at } }),
};

/** Take one event of the feed. Kinds of a newer gateway are passed over. */
export function apply(message) {
  EVENTS[message.kind]?.(message);
}
