// What a page without scripts cannot do: say a value under the pointer, take the code from an
// invitation's link, show a store as soon as it is chosen, find one in a list, and keep itself fresh.

const EVERY_MS = 60_000;
const WAITING_MS = 3_000;
const tip = document.getElementById("tip");

document.documentElement.classList.add("scripted");

const show = (event) => {
  const mark = event.target.closest?.("[data-tip]");
  tip.hidden = !mark;
  if (!mark) return;
  tip.textContent = mark.dataset.tip;
  const { width, height } = tip.getBoundingClientRect();
  const x = Math.min(Math.max(event.clientX - width / 2, 8), innerWidth - width - 8);
  const y = event.clientY - height - 16;
  tip.style.transform = `translate(${x}px, ${y > 8 ? y : event.clientY + 24}px)`;
};
document.addEventListener("pointermove", show, { passive: true });
document.addEventListener("pointerdown", show, { passive: true });
document.addEventListener("scroll", () => (tip.hidden = true), { passive: true, capture: true });

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

const filter = document.querySelector("[data-filter]");
if (filter) {
  filter.hidden = false;
  const lines = [...document.querySelectorAll(`${filter.dataset.filter} > li`)];
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const line of lines) line.hidden = !line.textContent.toLowerCase().includes(wanted);
  });
  filter.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
}

const code = document.querySelector("[data-code]");
if (code && location.hash.length > 1) {
  code.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname); // the code stays out of the history
}

// Somebody who types, reads a table or follows a link with the keyboard is not interrupted.
const typed = () =>
  [...document.querySelectorAll("form[method=post] .input")].some((e) => e.value !== e.defaultValue);
const busy = () =>
  document.hidden ||
  typed() ||
  document.querySelector("details[open], form[method=post] input:focus, main :focus-visible");

const refresh = async () => {
  if (busy()) return;
  const stale = document.getElementById("stale");
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (answer.redirected) return location.reload();
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok) throw new Error(answer.status);
    if (document.querySelector(".trouble")) return location.reload();
    for (const name of ["main", "#as-of"]) {
      const [old, next] = [document, fresh].map((page) => page.querySelector(name));
      if (old && next) old.replaceWith(document.adoptNode(next));
    }
    tip.hidden = true;
  } catch {
    if (stale) stale.hidden = false;
  }
};

const wait = () => (document.querySelector("[data-wait]") ? WAITING_MS : EVERY_MS);
const again = async () => {
  await refresh();
  setTimeout(again, wait());
};
// Each look at a member or a message is written down, so those pages do not look by themselves.
if (document.querySelector("#as-of, [data-wait]") && !document.querySelector(".looks, .sending"))
  setTimeout(again, wait());
