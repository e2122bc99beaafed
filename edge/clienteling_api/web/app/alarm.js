// The alert one hears and feels. The tone is made here; browsers allow it after a first tap.

const KEY = "regulars.mute";

let audio = null;

export const muted = () => localStorage.getItem(KEY) === "1";

export function mute(on) {
  if (on) localStorage.setItem(KEY, "1");
  else localStorage.removeItem(KEY);
}

/** Prepare the sound at the first tap or key. */
export function arm() {
  const start = () => {
    audio ??= new AudioContext();
    if (audio.state === "suspended") audio.resume();
  };
  for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, start);
}

/** Two soft bell notes, a fourth apart, and a short double buzz. */
export function ring() {
  if (muted()) return;
  navigator.vibrate?.([90, 70, 140]);
  if (audio?.state !== "running") return;
  strike(659.25, 0);
  strike(880, 0.16);
}

/** A code holds: a fifth upwards and one short buzz. */
export const approve = () => signal([523.25, 783.99], [70]);

/** A code does not hold: a low note twice and two long buzzes. */
export const deny = () => signal([220, 185], [180, 90, 180]);

/** A code was read, and nothing depends on it. */
export const note = () => signal([659.25], [40]);

function signal(notes, buzz) {
  if (muted()) return;
  navigator.vibrate?.(buzz);
  if (audio?.state !== "running") return;
  notes.forEach((hertz, index) => strike(hertz, index * 0.12));
}

function strike(hertz, delay) {
  const at = audio.currentTime + delay;
  const gain = audio.createGain();
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.28, at + 0.012);
  gain.gain.exponentialRampToValueAtTime(0.0001, at + 1.1);
  gain.connect(audio.destination);
  for (const [multiple, share] of [
    [1, 1],
    [2.01, 0.22],
  ]) {
    const tone = audio.createOscillator();
    const part = audio.createGain();
    tone.frequency.value = hertz * multiple;
    part.gain.value = share;
    tone.connect(part).connect(gain);
    tone.start(at);
    tone.stop(at + 1.2);
  }
}
