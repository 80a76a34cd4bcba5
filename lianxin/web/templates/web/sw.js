"use strict";
// Pages come from the network; without one, a page seen before or the page that says so. Only the shell's own
// files, and pages that anybody may see, are kept: a phone is passed on, and what was personal must not stay.
const SHELL = "lianxin-shell-{{ version }}";
const FILES = [{% for file in files %}"{{ file|escapejs }}", {% endfor %}];
const OFFLINE = "{% url 'web:offline' %}";
const OPEN_PAGES = [{% for page in open_pages %}"{{ page|escapejs }}", {% endfor %}];

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(SHELL)
      .then((cache) => Promise.all([...FILES, OFFLINE].map((url) => cache.add(url).catch(() => undefined))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

async function page(request) {
  const path = new URL(request.url).pathname;
  try {
    const response = await fetch(request);
    if (request.method === "GET" && response.ok && !response.redirected && OPEN_PAGES.includes(path)) {
      const cache = await caches.open(SHELL);
      await cache.put(path, response.clone());
    }
    return response;
  } catch (fault) {
    const kept = OPEN_PAGES.includes(path) && await caches.match(path);
    return kept || (await caches.match(OFFLINE)) || Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const request = event.request;
  if (request.mode === "navigate") {
    event.respondWith(page(request));
  } else if (request.method === "GET" && FILES.includes(new URL(request.url).pathname)) {
    event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
  }
});
