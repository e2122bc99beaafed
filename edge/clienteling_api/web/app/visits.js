// The visits in the store now, and the answers a guide gives.

import { ring } from "./alarm.js";
import * as api from "./api.js";
import { toast } from "./parts/toast.js";
import { t } from "./i18n.js";
import { show } from "./router.js";
import { change, state } from "./store.js";
import { explain } from "./trouble.js";

const FRESH_MS = 3 * 60_000; // an alert older than this makes no sound

const here = (visit) => !visit.closed_at && visit.claim !== "refused";

/** Whether a visit still waits for "it's them" or "not them". */
const asks = (visit) => here(visit) && visit.claim === "possible";

/** Open visits, newest first. */
export const newestFirst = () =>
  [...state.visits.values()].sort((a, b) => b.opened_at.localeCompare(a.opened_at));

/** Fetch what is open now; returns the position in the feed that it stands for. */
export async function reload() {
  // The position comes first: what changes while the rest is on its way is told again, never missed.
  const { visits, position } = await api.visits();
  const [{ cameras }, { vision, scanners, headquarters: line }] = await Promise.all([
    api.cameras(),
    api.health(),
  ]);
  const open = new Map(visits.filter(here).map((visit) => [visit.id, visit]));
  const missed = state.loaded
    ? [...open.values()].filter((visit) => asks(visit) && !state.visits.has(visit.id))
    : [];
  change({
    visits: open,
    cameras,
    vision,
    line,
    scanners,
    serving: open.has(state.serving) ? state.serving : null,
    loaded: true,
    trouble: null,
    alerts: state.alerts.filter((id) => open.has(id)).concat(missed.map((visit) => visit.id)),
  });
  missed.forEach(sound);
  return position;
}

/** Take a visit that has just begun: a question rings, an arrival by card is a line. */
export function arrive(visit) {
  put(visit);
  if (asks(visit)) raise(visit);
  else if (here(visit) && !state.handedOver)
    toast(t("arrived.toast", { name: visit.member.name }));
}

/** Remember a visit as the gateway describes it. */
export function put(visit) {
  if (!here(visit)) return remove(visit.id);
  const visits = new Map(state.visits).set(visit.id, visit);
  const alerts = asks(visit) ? state.alerts : state.alerts.filter((id) => id !== visit.id);
  return change({ visits, alerts: alerts.length === state.alerts.length ? state.alerts : alerts });
}

/** Forget a visit that is over. */
export function remove(id) {
  const visits = new Map(state.visits);
  visits.delete(id);
  const serving = state.serving === id ? null : state.serving;
  change({ visits, serving, alerts: state.alerts.filter((other) => other !== id) });
}

function raise(visit) {
  if (state.alerts.includes(visit.id)) return;
  change({ alerts: [...state.alerts, visit.id] });
  sound(visit);
}

function sound(visit) {
  const fresh = api.now() - new Date(visit.opened_at) < FRESH_MS;
  if (fresh && !visit.member.do_not_disturb && !state.handedOver) ring();
}

/** Put an alert away without an answer; the visit stays in the list. */
export function putAway(id) {
  change({ alerts: state.alerts.filter((other) => other !== id) });
}

function thank({ member, arrived_by: by }, confirmed) {
  const { name } = member;
  if (confirmed) return toast(t("answer.thanks.yes", { name }));
  // Checked in right after, the other member teaches the door to tell the two apart.
  const who = by === "face" ? { words: t("answer.who"), act: () => show("members") } : null;
  return toast(t("answer.thanks.no", { name }), "done", who);
}

/** Answer "it's them" or "not them". Failing that, say so and leave the question open. */
export async function answer(visit, confirmed) {
  try {
    put(await (confirmed ? api.confirm(visit.id) : api.refuse(visit.id)));
    if (confirmed) change({ serving: visit.id });
    thank(visit, confirmed);
    return true;
  } catch (error) {
    if (error.status === 404 || error.status === 409) remove(visit.id);
    toast(explain(error), "trouble");
    return false;
  }
}
