// Keeps the page for the days without a network: everything below, and nothing else. Photos never come by here.

const CACHE = "atelier";
const PAGE = "./";
const ASSETS = [
  "./app.js", "./atelier.webmanifest", "./base.css", "./cloud.js", "./command.js", "./files.js",
  "./fullsize.js", "./icon.png", "./icon.svg", "./kernels.wasm", "./knobs.js", "./loupe.js", "./newcomers.js", "./painter.js",
  "./pixels.js", "./pool.js", "./recipe.js", "./recipe.json", "./room.css", "./room.js", "./sample.jpg", "./shelf.js",
  "./studio.js", "./wall.css", "./wall.js", "./words.js", "./worker.js", "./zip.js",
];

const urlOf = (name) => new URL(name, self.location).href;
const page = new URL(PAGE, self.registration.scope).href;
const kept = new Set(ASSETS.map(urlOf));

addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll([page, ...kept].map((url) => new Request(url, { cache: "no-cache" })));
      await self.skipWaiting();
    })(),
  );
});

/** Drops what belonged to an earlier page. */
addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      for (const { url } of await cache.keys()) if (url !== page && !kept.has(url)) await cache.delete(url);
      await self.clients.claim();
    })(),
  );
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = request.url.split(/[?#]/)[0];
  // The network first, so that a new page is seen at once; what was kept where there is none.
  if (url === page) event.respondWith(freshOrKept(request, page));
  else if (kept.has(url)) event.respondWith(freshOrKept(request, url));
});

async function freshOrKept(request, url) {
  try {
    const fresh = await fetch(request);
    if (fresh.ok) (await caches.open(CACHE)).put(url, fresh.clone());
    return fresh;
  } catch (error) {
    const old = await caches.match(url);
    if (old) return old;
    throw error;
  }
}
