// The service worker: keeps the page at hand for times without a line. What is asked of the server is asked as ever; only when no
// answer comes does the page stand as it was when it was last seen, and its own scripts catch up when the line is back.

const PAGES = "pages";
const PARTS = "parts";
const PICTURES = "pictures";
/** Rooms that can be opened without a line. */
const MOST_PAGES = 8;
/** Files of one release, and faces. */
const MOST_PARTS = 600;
/** Pictures of messages, in the sizes of lists and of the timeline, and posters of videos: some 20 MB. */
const MOST_PICTURES = 300;
/** How often the page of a path was to be forgotten.
 *  @type {Map<string, number>} */
const forgotten = new Map();
/** Pictures that are not there any more for this reader. Those of a room that takes them in again are kept by the next worker.
 *  @type {Set<string>} */
const gone = new Set();
/** Who waits longer for an answer gets the kept page. */
const PATIENCE_MS = 4_000;

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(Promise.all([clients.claim(), registration.navigationPreload?.enable()])));

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (isRoom(pathname)) event.respondWith(page(event, pathname));
  } else if (pathname.startsWith("/static/") || pathname.startsWith("/avatar/")) {
    event.respondWith(part(event, request));
  } else if (/^\/files\/[a-z2-7]{26}\/(?:[sm]|poster)$/.test(pathname)) {
    event.respondWith(picture(event, request));
  }
});

/** A page asks to be looked after; to be kept as it is now, with those of its parts that nobody has wanted yet; or that a page is
 *  forgotten. */
addEventListener("message", (event) => {
  const { unclaimed, keep: path, parts, forget } = event.data;
  if (unclaimed) event.waitUntil(clients.claim());
  if (forget) {
    forgotten.set(forget, times(forget) + 1);
    event.waitUntil(caches.open(PAGES).then((pages) => pages.delete(forget)).catch(() => {}));
  }
  if (!isRoom(path)) return;
  const keeping = keeper(path);
  event.waitUntil(fetch(path).then(keeping).catch(() => {}));
  for (const address of parts) event.waitUntil(part(event, new Request(address)).catch(() => {}));
});

/** A notification is pressed: it leads to its room, in a page that is there or in a new one. */
addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(lead(event.notification.data));
});

async function lead({ room, path }) {
  const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find(({ url }) => new URL(url).pathname === path) ?? pages[0];
  if (!page) return clients.openWindow(path);
  page.postMessage({ go: room });
  await page.focus();
}

function isRoom(path) {
  return path === "/" || /^\/rooms\/\d+$/.test(path);
}

async function page(event, path) {
  const keeping = keeper(path);
  const asked = Promise.resolve(event.preloadResponse).then((early) => early ?? fetch(event.request));
  event.waitUntil(asked.then((answer) => keeping(answer.clone())).catch(() => {}));
  const known = await (await caches.open(PAGES)).match(path);
  if (!known) return asked;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const answer = await Promise.race([asked, late]).catch(() => undefined);
  return answer ?? asIs(known);
}

/** A page from before says so: its clock is not the server's. */
async function asIs(known) {
  const html = await known.text();
  return new Response(html.replace("<html ", "<html data-kept "), { headers: known.headers });
}

/** Keeps the answer to what is asked now. The store is opened before: when it has been thrown away meanwhile, because somebody went,
 *  what was drawn for them is thrown away with it; and what is to be forgotten meanwhile does not come back. */
function keeper(path) {
  const [pages, before] = [caches.open(PAGES), times(path)];
  return async (answer) => {
    const cache = await pages;
    // A room that is no more, or not for them, is not shown without a line either.
    if (answer.status === 404) return cache.delete(path);
    if (!answer.ok || answer.redirected) return;
    await cache.delete(path);
    await cache.put(path, answer);
    if (times(path) !== before) await cache.delete(path);
    await trim(cache, MOST_PAGES);
  };
}

function times(path) {
  return forgotten.get(path) ?? 0;
}

/** An address has the hash of what it names in it: what is here needs no asking. */
async function part(event, request) {
  const cache = await caches.open(PARTS);
  const known = await cache.match(request);
  if (known) return known;
  const answer = await fetch(request);
  // A server that has not the file of this address gives the one that it has, for now.
  if (answer.ok && answer.headers.get("cache-control")?.includes("immutable")) {
    const copy = answer.clone();
    event.waitUntil(cache.put(request, copy).then(() => trim(cache, MOST_PARTS)));
  }
  return answer;
}

/** Whoever may not see it any more is told so by the server; what was seen before is there without a line. */
async function picture(event, request) {
  const pictures = caches.open(PICTURES);
  const answer = await fetch(request).catch(() => undefined);
  if (!answer) return (await (await pictures).match(request.url)) ?? Response.error();
  const keep = async (/** @type {Response} */ copy) => {
    const cache = await pictures;
    if (!copy.ok) {
      gone.add(request.url);
      return cache.delete(request.url);
    }
    await cache.put(request.url, copy);
    // It was taken back while it was on its way into the store.
    if (gone.has(request.url)) return cache.delete(request.url);
    await trim(cache, MOST_PICTURES);
  };
  if (answer.status === 200 || answer.status === 404 || answer.status === 410) event.waitUntil(keep(answer.clone()).catch(() => {}));
  return answer;
}

/** Lets go of what came first. */
async function trim(cache, most) {
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - most)).map((key) => cache.delete(key)));
}
