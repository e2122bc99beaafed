// One camera: what it sees, what of it may be looked at, and what it is called.

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { button } from "../parts/button.js";
import { field, segments } from "../parts/form.js";
import { ask } from "../parts/sheet.js";
import { frame, saveButton } from "./frame.js";
import { model, save } from "./model.js";
import { preview } from "./preview.js";
import { shapesEditor } from "./shapes.js";
import { explain } from "../trouble.js";
import { toast } from "../parts/toast.js";

export function cameraForm(draft, { signal, home }) {
  const editor = shapesEditor(draft.shapes);
  const source = () => ({
    ...(draft.address ? { address: draft.address, user: draft.user, password: draft.password } : { camera_id: draft.id }),
    masks: draft.shapes.masks,
  });
  const place = field(
    t("setup.camera.place"),
    { value: draft.place, maxlength: 80 },
    t("setup.camera.place.hint"),
  );
  const counts = segments(
    t("setup.camera.counts"),
    ["none", "in", "out"].map((id) => ({ id, name: t(`setup.camera.counts.${id}`) })),
    draft.counts ?? "none",
  );
  const read = () => {
    if (!place.input.value.trim()) return void place.fail(t("setup.camera.place.missing"));
    return { cameras: [...others(draft.id), written(draft, place, counts)] };
  };
  return frame(
    {
      title: draft.isNew ? t("setup.camera.new") : draft.place || draft.id,
      label: t("setup.cameras"),
      back: home,
      dock: saveButton(read, home),
    },
    preview(source, editor.over, signal),
    lent(draft) && h("p", { class: "hint" }, t("setup.preview.lent")),
    h("p", { class: "hint" }, t("setup.shapes.hint")),
    editor.tools,
    place.element,
    counts.element,
    h("p", { class: "hint mono address" }, draft.shown),
    !draft.isNew && button(t("setup.camera.remove"), () => removeCamera(draft, home), { mark: "trash", kind: "wide" }),
  );
}

// A USB camera shows itself to one program at a time, and this page is one.
const lent = ({ isNew, shown }) => !isNew && shown.startsWith("/dev/") && !model.settings.privacy.why_off;

const written = (draft, place, counts) => ({
  camera_id: draft.id,
  place: place.input.value.trim(),
  zone: draft.shapes.zone,
  masks: draft.shapes.masks,
  counts: counts.value() === "none" ? null : counts.value(),
  ...(draft.address && { address: draft.address, user: draft.user, password: draft.password }),
});

const others = (id) =>
  model.settings.cameras
    .filter((camera) => camera.id !== id)
    .map(({ id: camera_id, place, zone, masks, counts }) => ({ camera_id, place, zone, masks, counts }));

const removeCamera = (draft, home) =>
  ask({
    title: t("setup.camera.remove"),
    text: t("setup.camera.remove.text", { place: draft.place || draft.id }),
    yes: t("setup.camera.remove"),
    danger: true,
    act: async () => {
      try {
        await save({ cameras: others(draft.id) });
        home();
      } catch (error) {
        toast(explain(error), "trouble");
      }
    },
  });
