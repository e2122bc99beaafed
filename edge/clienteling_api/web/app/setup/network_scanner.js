// A scanner on the network that waits for the gateway to connect.

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { field } from "../parts/form.js";
import { frame, saveButton } from "./frame.js";
import { model } from "./model.js";
import { together } from "./till.js";

const ADDRESS = /^(?:\[[0-9a-f:]+\]|[a-z0-9._-]+):(\d{1,5})$/i;
const PORTS = 65_536;

export function networkScannerForm({ home }) {
  const address = field(
    t("setup.network.address"),
    { placeholder: "192.168.1.40:9100", inputmode: "url", autocapitalize: "none", spellcheck: "false", maxlength: 80 },
    t("setup.network.hint"),
  );
  const read = () => {
    address.fail("");
    const text = address.input.value.trim();
    const port = Number(ADDRESS.exec(text)?.[1]);
    if (!(port > 0 && port < PORTS)) return void address.fail(t("setup.network.wrong"));
    const source = `connect://${text}`;
    if (model.settings.scanners.some((one) => one.source === source)) {
      return void address.fail(t("setup.network.known"));
    }
    return { scanners: together({ kind: "tcp", source }) };
  };
  return frame(
    {
      title: t("setup.scanners.network"),
      lead: t("setup.network.lead"),
      label: t("setup.scanners"),
      back: home,
      dock: saveButton(read, home),
    },
    address.element,
    h("p", { class: "hint" }, t("setup.network.listens")),
  );
}
