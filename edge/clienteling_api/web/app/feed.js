// The live line to the gateway: resumes where it stopped, without gap or repeat.

import * as api from "./api.js";
import { change, state } from "./store.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const QUIET_MS = 10_000; // after this long without a word, ask whether the gateway is there
const PROBE_MS = 4_000;

/**
 * One connection that renews itself. `reload` fetches the whole state and returns its
 * position in the feed; `apply` takes each event exactly once, in order.
 */
export class Feed {
  #socket = null;
  #position = null; // {epoch, sequence} of the last event applied
  #failures = 0;
  #timer = null;
  #pulse = null;
  #held = null; // events that arrive while the state is being reloaded
  #stop = new AbortController();

  constructor({ reload, apply, ended }) {
    this.reload = reload;
    this.apply = apply;
    this.ended = ended;
  }

  /** Connect, from `position` on, and stay connected until `close`. */
  open(position) {
    this.#position = position;
    const { signal } = this.#stop;
    addEventListener("online", () => this.#now(), { signal });
    addEventListener("offline", () => this.#lost(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.#now(), { signal });
    this.#pulse = setInterval(() => this.#probe(), QUIET_MS / 2);
    this.#connect();
  }

  close() {
    this.#stop.abort();
    clearTimeout(this.#timer);
    clearInterval(this.#pulse);
    this.#drop();
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#drop();
    const url = new URL("/api/v1/feed", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    if (this.#position) {
      url.searchParams.set("epoch", this.#position.epoch);
      url.searchParams.set("after", this.#position.sequence);
    }
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onmessage = ({ data }) => socket === this.#socket && this.#take(JSON.parse(data));
    socket.onclose = () => socket === this.#socket && this.#lost();
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #lost() {
    this.#drop();
    this.#held = null;
    if (this.#stop.signal.aborted || this.#timer) return;
    this.#failures += 1;
    if (this.#failures > 1 || !navigator.onLine) change({ link: "offline" });
    else change({ link: "connecting" });
    const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#failures - 1));
    this.#timer = setTimeout(() => this.#again(), ceiling * (0.5 + Math.random() / 2));
  }

  // A closed WebSocket does not say why; one request tells a lost line from a lost session.
  async #again() {
    this.#timer = null;
    try {
      await api.me();
    } catch {
      if (!this.#stop.signal.aborted && !this.#socket) this.#lost();
      return;
    }
    if (!this.#stop.signal.aborted && !this.#socket) this.#connect();
  }

  // The network is back, or the phone was picked up: no reason to wait any longer.
  #now() {
    if (this.#socket) return this.#probe();
    clearTimeout(this.#timer);
    return this.#again();
  }

  async #probe() {
    if (document.hidden || !this.#socket || Date.now() - state.heardAt < QUIET_MS) return;
    const socket = this.#socket;
    try {
      const { vision, headquarters: line } = await api.health(PROBE_MS);
      change({ vision, line });
    } catch {
      if (socket === this.#socket) this.#lost();
    }
  }

  #take(message) {
    change({ heardAt: Date.now() });
    if (message.kind === "hello") return this.#greeted(message);
    if (message.kind === "session.ended") return this.ended();
    if (this.#held) return this.#held.push(message);
    return this.#next(message);
  }

  async #greeted({ epoch, sequence, resync }) {
    this.#failures = 0;
    const missing = resync || !this.#position || this.#position.epoch !== epoch;
    if (missing || sequence > this.#position.sequence) return this.#resync();
    return change({ link: "live" });
  }

  #next(message) {
    if (message.sequence <= this.#position.sequence) return undefined;
    if (message.sequence > this.#position.sequence + 1) return this.#resync(message);
    this.#position = { ...this.#position, sequence: message.sequence };
    return this.apply(message);
  }

  async #resync(...first) {
    this.#held = first;
    const socket = this.#socket;
    try {
      const position = await this.reload();
      if (socket !== this.#socket) return;
      this.#position = position;
    } catch {
      if (socket === this.#socket) this.#lost();
      return;
    }
    const held = this.#held;
    this.#held = null;
    change({ link: "live" });
    held.forEach((message) => this.#next(message));
  }
}
