// Keeps what a reader who runs code has seen, so that it is there without a network. Pages come fresh where there is one;
// Python's files never change under their address and come from here first. Before the first run nothing is kept.
const store = caches.open("book");

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

// What the page had loaded before this worker was there; other versions of Python go.
addEventListener("message", (event) => event.waitUntil(store.then(async (cache) => {
  for (const { url } of await cache.keys()) {
    if (url.includes("/runtime/") && !url.startsWith(event.data.runtime)) await cache.delete(url);
  }
  const own = event.data.seen.filter((address) => address.startsWith(location.origin));
  await Promise.allSettled(own.map((address) => cache.add(address)));
})));

addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method !== "GET" || !url.startsWith(location.origin)) return;
  const kept = () => store.then((cache) => cache.match(event.request, { ignoreSearch: true }));
  const asked = async () => {
    const answer = await fetch(event.request);
    const copy = answer.clone();
    if (answer.status === 200) event.waitUntil(store.then((cache) => cache.put(event.request, copy)));
    return answer;
  };
  event.respondWith(url.includes("/runtime/") ? kept().then((found) => found ?? asked())
    : asked().catch(async (error) => (await kept()) ?? Promise.reject(error)));
});
