// The service worker. The server writes FACTS before it: version of this build and language, the page that works
// without a connection, and the files it needs. It keeps no page with anybody's data and no answer of the API.
/* global FACTS */
"use strict";

const PREFIX = "heming-";
const NAME = `${PREFIX}${FACTS.version}`;
const PATIENCE_MS = 10000;
const DOWN = [502, 503, 504];

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));

async function install() {
  const cache = await caches.open(NAME);
  await cache.addAll(FACTS.files.map((file) => new Request(file, { cache: FACTS.hashed ? "default" : "reload" })));
  const page = await fetch(FACTS.shell, { cache: "reload", credentials: "same-origin" });
  if (!page.ok) throw new Error(`the shell answers ${page.status}`);
  await cache.put(FACTS.shell, page);
  // Nothing is lost by this: what is typed and made lies in IndexedDB, and open pages have loaded all they need.
  await self.skipWaiting();
}

async function activate() {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME);
  await Promise.all(old.map((name) => caches.delete(name)));
  // The page is asked for while this script is still starting.
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(navigate(request, url, event.preloadResponse));
  else if (FACTS.files.includes(url.pathname)) event.respondWith(file(request));
});

async function navigate(request, url, begun) {
  const shell = () => caches.open(NAME).then((cache) => cache.match(FACTS.shell));
  const asked = Promise.resolve(begun).then((answer) => answer || fetch(request));
  if (url.pathname === FACTS.shell) {
    asked.catch(() => {});
    return (await shell()) || asked;
  }
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, null));
  try {
    const answer = await Promise.race([asked, late]);
    if (answer && !DOWN.includes(answer.status)) return answer;
    return (await shell()) || answer || Response.error();
  } catch (error) {
    const page = await shell();
    if (page) return page;
    throw error;
  }
}

async function file(request) {
  const cache = await caches.open(NAME);
  const kept = () => cache.match(request, { ignoreSearch: true });
  if (FACTS.hashed) return (await kept()) || fetch(request);
  return fetch(request).catch(async () => (await kept()) || Response.error());
}
