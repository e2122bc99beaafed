// Words in the guide's language, or in another one for a member who reads the notice.

import en from "./locales/en.js";
import zh from "./locales/zh.js";

const DICTIONARIES = { en, zh };
const TAGS = { en: "en", zh: "zh-Hans" };
const LOCALES = { en: "en-GB", zh: "zh-Hans-CN" }; // for dates and numbers: the day stands first
const KEY = "regulars.language";

export const LANGUAGES = [
  { id: "en", name: "English" },
  { id: "zh", name: "中文" },
];

let current = "en";
const watchers = new Set();

/** A function from keys to sentences in one language; `{name}` is filled from `values`. */
export function speaking(language) {
  const words = DICTIONARIES[language] ?? en;
  const plural = new Intl.PluralRules(language);
  return (key, values = {}) => {
    const entry = words[key];
    if (entry === undefined) throw new Error(`no words for ${key}`);
    const text =
      typeof entry === "string" ? entry : (entry[plural.select(values.n)] ?? entry.other);
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  };
}

export const has = (key) => key in en;
export const language = () => current;
export const tag = (which = current) => TAGS[which];
export const locale = () => LOCALES[current];

/** The sentence for `key` in the guide's language. */
export const t = (key, values) => speaking(current)(key, values);

/** Use the language chosen on this phone, else the shop's, else the browser's. */
export function settle(shop) {
  const chosen = localStorage.getItem(KEY);
  const browser = navigator.language.startsWith("zh") ? "zh" : "en";
  use([chosen, shop, browser].find((name) => name in DICTIONARIES));
}

/** Choose a language on this phone, for good. */
export function choose(name) {
  localStorage.setItem(KEY, name);
  use(name);
}

export const onLanguage = (fn) => watchers.add(fn);

function use(name) {
  document.documentElement.lang = TAGS[name];
  if (name === current) return;
  current = name;
  watchers.forEach((fn) => fn());
}
