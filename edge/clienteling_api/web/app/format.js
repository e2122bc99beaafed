// Numbers, money and moments as people of the chosen language write them.

import { now } from "./api.js";
import { language, locale, t } from "./i18n.js";
import { state } from "./store.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago, for something that goes on: "just now", "4 min", "1 h 12 min". */
export function elapsed(moment, from = now()) {
  const ms = Math.max(0, from - new Date(moment));
  if (ms < MINUTE) return t("time.now");
  if (ms < HOUR) return t("time.minutes", { n: Math.floor(ms / MINUTE) });
  return t("time.hours", { h: Math.floor(ms / HOUR), m: Math.floor((ms % HOUR) / MINUTE) });
}

/** A short span in seconds or minutes: "8 s", "3 min". */
export function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds < 60
    ? t("time.seconds", { n: seconds })
    : t("time.minutes", { n: Math.floor(seconds / 60) });
}

/** Whole days ago as words: "today", "12 days ago", "3 months ago". */
export function daysAgo(days) {
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
  if (days < 45) return words.format(-days, "day");
  if (days < 600) return words.format(-Math.round(days / 30.4), "month");
  return words.format(-Math.round(days / 365), "year");
}

/** How long ago, for something that happened: "just now", "4 minutes ago", "12 days ago". */
export function ago(then) {
  const ms = Math.max(0, now() - new Date(then));
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
  if (ms < MINUTE) return t("time.now");
  if (ms < HOUR) return words.format(-Math.floor(ms / MINUTE), "minute");
  if (ms < DAY) return words.format(-Math.floor(ms / HOUR), "hour");
  return daysAgo(Math.floor(ms / DAY));
}

export const daysSince = (moment) => Math.max(0, Math.floor((now() - new Date(moment)) / DAY));

const zone = () => ({ timeZone: state.me?.timezone ?? "UTC" });

/** A clock time in the shop: "14:05". */
export const clock = (moment) =>
  new Intl.DateTimeFormat(locale(), {
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
    ...zone(),
  }).format(new Date(moment));

/** A day in the shop: "11 Nov 2026". */
export const day = (moment) =>
  new Intl.DateTimeFormat(locale(), { dateStyle: "medium", ...zone() }).format(new Date(moment));

/** The clock time of something today, the day of something earlier. */
export const moment = (then) => (now() - new Date(then) < DAY ? clock(then) : day(then));

export const dayAndClock = (moment) => `${day(moment)}, ${clock(moment)}`;

/** Money without cents where there are none. `amount` is a decimal string. */
export function money(amount, currency) {
  const value = Number(amount);
  const digits = Number.isInteger(value) ? 0 : 2;
  return new Intl.NumberFormat(locale(), {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

/** Two letters that stand for a person: the last two characters of a Chinese name. */
export function initials(name) {
  if (/\p{Script=Han}/u.test(name)) return [...name.replace(/\s/g, "")].slice(-2).join("");
  const words = name.trim().split(/\s+/);
  return [words[0], words.length > 1 ? words.at(-1) : ""]
    .map((word) => [...word][0] ?? "")
    .join("")
    .toUpperCase();
}

/** A list as people write it: "Shoes, Knitwear". */
export const list = (items) => items.join(language() === "zh" ? "、" : ", ");

/** A number with fewer digits the larger it is: "0.04", "3.1", "12". */
export const decimal = (value) =>
  new Intl.NumberFormat(locale(), { maximumFractionDigits: value < 1 ? 2 : value < 10 ? 1 : 0 }).format(value);
