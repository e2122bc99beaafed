// Keeps the app's own files, so that it opens without the gateway and can say so.
// Nothing of the API ever passes through here: members are not to be found on a phone.

const SHELL = "regulars-shell";
const PATIENCE_MS = 4000;

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || !isShell(url.pathname)) return;
  event.respondWith(freshOrKept(request, url.pathname));
});

const isShell = (path) =>
  path === "/" ||
  path === "/pair" ||
  path === "/trust" ||
  /^\/(app|styles|icons)\//.test(path) ||
  path === "/manifest.webmanifest";

// The gateway's files win; the kept ones stand in when it is out of reach. Where none are kept, a
// slow gateway is waited for: without its files there is no app.
async function freshOrKept(request, path) {
  const cache = await caches.open(SHELL);
  const name = path === "/pair" || path === "/trust" ? "/" : path;
  const kept = await cache.match(name);
  try {
    const response = await fetch(request.url, {
      cache: "no-cache",
      ...(kept && { signal: AbortSignal.timeout(PATIENCE_MS) }),
    });
    if (response.ok) await cache.put(name, response.clone());
    return response;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}
