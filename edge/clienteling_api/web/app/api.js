// The gateway's HTTP API as functions. Bodies are those of `wire.py`.

import { change } from "./store.js";

const BASE = "/api/v1";
const PATIENCE_MS = 15_000;

/** A refusal or a failure, with the gateway's stable `code`; `offline` when it was not reached. */
export class ApiError extends Error {
  constructor(code, message, { status = 0, field = null } = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.field = field;
  }
}

let skew = 0; // gateway's clock minus this phone's, in ms
let unpaired = () => {};

/** The gateway's idea of now, so that a phone with a wrong clock still counts minutes right. */
export const now = () => Date.now() + skew;

/** Say what happens when the gateway no longer knows this phone. */
export function onUnpaired(fn) {
  unpaired = fn;
}

async function call(method, path, { json, blob, signal, patience = PATIENCE_MS } = {}) {
  const { response, text } = await reach(method, path, { json, blob, signal, patience });
  const off = Date.parse(response.headers.get("Date") ?? "") - Date.now();
  if (!Number.isNaN(off)) skew = Math.abs(off) > 2000 ? off : 0; // less is what answers take
  change({ heardAt: Date.now() });
  if (response.ok) return response.status === 204 ? null : JSON.parse(text);
  const problem = problemOf(text);
  const error = new ApiError(problem.code ?? "internal", problem.detail ?? response.statusText, {
    status: response.status,
    field: problem.field ?? null,
  });
  if (response.status === 401) unpaired();
  throw error;
}

function problemOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** The whole answer: a line that is lost in the middle of it is as lost as one before it. */
async function reach(method, path, { json, blob, signal, patience }) {
  const headers = { Accept: "application/json" };
  if (json) headers["Content-Type"] = "application/json";
  if (blob) headers["Content-Type"] = blob.type;
  const limit = AbortSignal.timeout(patience);
  try {
    const response = await fetch(BASE + path, {
      method,
      headers,
      body: json ? JSON.stringify(json) : blob,
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      cache: "no-store",
      credentials: "same-origin",
    });
    return { response, text: await response.text() };
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError("offline", String(cause));
  }
}

const id = encodeURIComponent;

export const health = (patience) => call("GET", "/health", { patience });
export const authority = () => call("GET", "/authority");
export const pair = (code, device) => call("POST", "/pair", { json: { code, device } });
export const me = () => call("GET", "/me");
export const unpair = () => call("DELETE", "/me");

export const visits = () => call("GET", "/visits");
export const arrive = (who) => call("POST", "/visits", { json: who });
export const confirm = (visit) => call("POST", `/visits/${id(visit)}/confirm`);
export const refuse = (visit) => call("POST", `/visits/${id(visit)}/refuse`);
export const close = (visit) => call("POST", `/visits/${id(visit)}/close`);

export const search = (text, signal) => call("GET", `/members?q=${id(text)}`, { signal });
export const create = (member) => call("POST", "/members", { json: member });
export const card = (member, reason, signal) =>
  call("GET", `/members/${id(member)}?reason=${reason}`, { signal });
export const edit = (member, patch) => call("PATCH", `/members/${id(member)}`, { json: patch });
export const note = (member, text) =>
  call("POST", `/members/${id(member)}/notes`, { json: { text } });
export const cardCode = (member, kind, signal) =>
  call("GET", `/members/${id(member)}/card-code?kind=${kind}`, { signal });
export const voidCards = (member) => call("DELETE", `/members/${id(member)}/cards`);
export const audit = (member) => call("GET", `/members/${id(member)}/audit`);

export const guards = (signal) => call("GET", "/guards", { signal });
export const unguard = (guard) => call("DELETE", `/guards/${id(guard)}`);

export const notice = (language) => call("GET", `/notices/${language}`);
export const consents = (member, signal) =>
  call("GET", `/members/${id(member)}/consents`, { signal });
export const consent = (member, language, version) =>
  call("POST", `/members/${id(member)}/consents`, {
    json: { language, notice_version: version, agreed: true },
  });
export const photo = (consentId, blob) =>
  call("POST", `/consents/${id(consentId)}/photos`, { blob, patience: 30_000 });
export const doorPhoto = (consentId, camera) =>
  call("POST", `/consents/${id(consentId)}/door-photos`, {
    json: { camera_id: camera },
    patience: 30_000,
  });
export const withdraw = (consentId) => call("POST", `/consents/${id(consentId)}/withdraw`);

export const scan = (read) => call("POST", "/scans", { json: read });
export const scanHeard = (scanId, context) =>
  call("POST", `/scans/${id(scanId)}`, { json: context });
export const scanPicture = (blob, context) =>
  call("POST", `/scans/picture?${new URLSearchParams(context)}`, { blob });
export const redeem = (offer) => call("POST", "/redemptions", { json: offer });
export const reverse = (redemption, step) =>
  call("POST", `/redemptions/${id(redemption)}/reverse`, { json: step });

export const setup = (patience) => call("GET", "/setup", { patience });
export const changeSetup = (patch) =>
  call("PATCH", "/setup", { json: patch, patience: 30_000 });
export const findCameras = (signal) => call("GET", "/setup/cameras", { signal });
export const streams = (camera) =>
  call("POST", "/setup/streams", { json: camera, patience: 60_000 });
export const still = (camera, signal) =>
  call("POST", "/setup/still", { json: camera, signal, patience: 40_000 });
export const takeClaimIn = (claim) =>
  call("POST", "/setup/claim", { json: claim, patience: 90_000 }); // headquarters may be asked now
export const findScanners = (signal) => call("GET", "/setup/scanners", { signal });
export const sign = () => call("GET", "/setup/sign");
export const inviteManager = () => call("POST", "/setup/manager");
export const endSetup = () => call("POST", "/setup/end");

export const load = (signal) => call("GET", "/load", { signal });
export const checkup = (signal) => call("GET", "/checkup", { signal, patience: 30_000 });
export const headquarters = (signal) => call("GET", "/headquarters", { signal });
export const tryAgain = () => call("POST", "/headquarters/try-again");
export const cameras = () => call("GET", "/cameras");
export const sessions = () => call("GET", "/sessions");
export const revoke = (session) => call("DELETE", `/sessions/${id(session)}`);
export const invite = (guideName, role) =>
  call("POST", "/pairing-codes", { json: { guide_name: guideName, role } });
