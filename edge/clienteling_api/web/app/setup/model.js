// The shop as its configuration says, and how a change of it becomes true: the gateway writes it,
// closes, and opens anew within seconds.

import * as api from "../api.js";

const AGAIN_MS = 600;
const ASK_MS = 4000;
const PATIENCE_MS = 90_000;
const watchers = new Set();

/** `settings` is the gateway's answer, null until it came; `trouble` is why there is none. */
export const model = { settings: null, trouble: null, opening: false };

/** Call `fn` after every change of the model, until `signal` aborts. */
export function onModel(fn, signal) {
  watchers.add(fn);
  signal.addEventListener("abort", () => watchers.delete(fn), { once: true });
}

function change(patch) {
  Object.assign(model, patch);
  for (const fn of [...watchers]) fn();
}

/** Ask the gateway again; what is shown stays while it cannot be reached. */
export async function refresh() {
  try {
    change({ settings: await api.setup(), trouble: null });
  } catch (error) {
    change({ trouble: error });
  }
}

/** Write settings and wait until the gateway runs with them. Throws an `ApiError`. */
export async function save(patch) {
  const before = model.settings.started_at;
  const { opens_anew } = await api.changeSetup(patch);
  if (!opens_anew) return refresh();
  change({ opening: true });
  try {
    change({ settings: await opened(before), trouble: null });
  } finally {
    change({ opening: false });
  }
  return undefined;
}

async function opened(before) {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      const settings = await api.setup(ASK_MS);
      if (settings.started_at !== before) return settings;
    } catch (error) {
      if (error.code !== "offline" || Date.now() > until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

/** Forget everything: the setup has ended. */
export const forget = () => change({ settings: null, trouble: null, opening: false });
