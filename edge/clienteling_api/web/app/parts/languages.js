// The other languages, for a phone that nobody has paired yet.

import { h } from "../dom.js";
import { LANGUAGES, choose, language, tag } from "../i18n.js";

export const languages = () =>
  h(
    "p",
    { class: "languages" },
    LANGUAGES.filter((one) => one.id !== language()).map((one) =>
      h(
        "button",
        {
          class: "text-button",
          type: "button",
          lang: tag(one.id),
          on: { click: () => choose(one.id) },
        },
        one.name,
      ),
    ),
  );
