// A shift on this phone: from the first request to the moment everything is forgotten.

import * as api from "./api.js";
import { apply } from "./events.js";
import { Feed } from "./feed.js";
import { settle } from "./i18n.js";
import { reset } from "./router.js";
import { change, forget, state } from "./store.js";
import { reload } from "./visits.js";

let feed = null;
let showScreen = () => {};

/** Say how to show one of the screens "pairing", "locked", "shop" or "unreachable". */
export function onScreen(fn) {
  showScreen = fn;
}

/** Find out who this phone is, then load and listen. */
export async function begin() {
  forget();
  reset();
  api.onUnpaired(() => wipe(state.me ? "ended.revoked" : null));
  try {
    change({ me: await api.me() });
  } catch (error) {
    if (error.status !== 401) showScreen("unreachable", error);
    return;
  }
  settle(state.me.language);
  showScreen("shop");
  await listen();
}

/** Load what is open now and follow the feed from there; also the answer to "try again". */
export async function listen() {
  change({ trouble: null });
  const session = state.me;
  try {
    const position = await reload();
    if (state.me !== session || feed) return;
    feed = new Feed({ reload, apply, ended: () => wipe("ended.revoked") });
    feed.open(position);
  } catch (error) {
    if (state.me === session) change({ trouble: error });
  }
}

function silence() {
  feed?.close();
  feed = null;
  forget();
  reset();
}

/** End the shift: forget everything, and show nothing until someone starts another. */
export function endShift() {
  silence();
  showScreen("locked");
}

/** This phone is no longer paired; `why` is a key of the dictionary, or null. */
function wipe(why) {
  silence();
  showScreen("pairing", why);
}

/** Give up this phone's pairing. */
export async function unpair() {
  await api.unpair();
  wipe("ended.unpaired");
}
