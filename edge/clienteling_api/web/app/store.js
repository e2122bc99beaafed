// What the phone knows right now. It lives in memory only and is forgotten as a whole.

const blank = () => ({
  me: null,
  visits: new Map(), // visit id -> VisitView, open ones only
  loaded: false, // whether `visits` came from the gateway at all
  trouble: null, // why loading failed, an ApiError
  cameras: null,
  scanners: null,
  vision: null,
  line: null, // the line to headquarters, null where there is none
  attack: null, // the last picture held up to a camera: {place, seen_at}
  link: "connecting", // connecting | live | offline
  heardAt: null, // when the gateway was last heard, in ms of this phone's clock
  alerts: [], // visit ids waiting for an answer, oldest first
  serving: null, // id of the visit that this guide serves, for sizes and members' vouchers
  follows: null, // id of the scanner whose codes open on this phone
  handedOver: false, // the phone is in a member's hands: nothing of other members may show
});

export const state = blank();

const watchers = new Set();

/** Call `fn` whenever one of `keys` changes, until `signal` aborts. */
export function watch(keys, fn, signal) {
  const watcher = { keys, fn };
  watchers.add(watcher);
  signal?.addEventListener("abort", () => watchers.delete(watcher), { once: true });
}

/** Replace some of the state and tell whoever watches it. */
export function change(patch) {
  const changed = Object.keys(patch).filter((key) => state[key] !== patch[key]);
  Object.assign(state, patch);
  for (const { keys, fn } of [...watchers]) {
    if (keys.some((key) => changed.includes(key))) fn();
  }
}

/** Forget everything, as at the end of a shift. */
export function forget() {
  change(blank());
}
