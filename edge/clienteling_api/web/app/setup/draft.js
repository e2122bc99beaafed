// A camera that is being set up: what its form changes before it is saved.

import { model } from "./model.js";

/** What the shop has of a camera, to be changed. */
export const draftOf = ({ id, place, address, zone, masks, counts }) => ({
  id,
  place,
  shown: address,
  address: null, // the gateway keeps the one that it has, password and all
  user: "",
  password: "",
  counts,
  shapes: structuredClone({ zone, masks }),
});

/** A camera that is not the shop's yet, with a short name that no other has. */
export function newDraft({ address, user = "", password = "", place = "" }) {
  const taken = new Set([...model.settings.cameras, ...model.settings.scanners].map(({ id }) => id));
  let id = "door";
  for (let n = 2; taken.has(id); n += 1) id = `door-${n}`;
  return { id, isNew: true, place, shown: address, address, user, password, counts: null, shapes: { zone: null, masks: [] } };
}
