// What the browser keeps running for the app: it opens without a network, and tells of push messages. Written into one file of
// its own by the build (service-worker-file.ts), which puts the list of files in.

declare const self: ServiceWorkerGlobalScope;
/** Name of this version, and the files that it consists of. */
declare const __APP_FILES__: { readonly version: string; readonly files: readonly string[] };

const APP = __APP_FILES__;
const CACHE = `app-${APP.version}`;
const FILES = new Set(APP.files);
const CONFIG = "/config.json";
/** The backend's paths, where it stands behind the same address. */
const BACKEND = /^\/(?:auth|functions|rest|storage|realtime)\/v1\//u;
/** How long a network that does not answer may keep the app from opening. */
const CONFIG_TIMEOUT_MS = 4_000;

self.addEventListener("install", (event) => {
  // a new version waits until nobody looks at the old one, or until the member asks for it
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.addAll([...FILES].map((url) => new Request(url, { cache: "reload" })))),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names.filter((name) => name.startsWith("app-") && name !== CACHE).map((name) => caches.delete(name)),
        ),
      ),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(self.skipWaiting());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  // of the backend nothing is kept: it would be somebody's, and old
  if (request.method !== "GET" || origin !== self.location.origin || BACKEND.test(pathname)) return;
  if (request.mode === "navigate") event.respondWith(fromCache("/index.html", request));
  else if (pathname === CONFIG) event.respondWith(config(request));
  else if (FILES.has(pathname) || pathname.startsWith("/assets/")) event.respondWith(fromCache(pathname, request));
});

/** A file of this version; what is large is kept when it was first asked for. */
async function fromCache(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(path);
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  if (response.ok && path.startsWith("/assets/")) await cache.put(path, response.clone());
  return response;
}

/** Which project it is, from the network if that answers in time. */
async function config(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(CONFIG_TIMEOUT_MS) });
    if (response.status >= 500) throw new Error(`config.json: ${response.status}`);
    if (response.ok && response.headers.get("content-type")?.includes("json"))
      await cache.put(CONFIG, response.clone());
    else await leave();
    return response;
  } catch (error) {
    const kept = await caches.match(CONFIG);
    if (kept === undefined) throw error;
    return kept;
  }
}

/** Another app lives at this address now, as happens on developers' machines: it must not find ours in its place. */
async function leave(): Promise<void> {
  await self.registration.unregister();
  const windows = await self.clients.matchAll({ type: "window" });
  await Promise.all(windows.map((window) => window.navigate(window.url)));
}

/** What send-notifications/pusher.ts writes. */
interface PushMessage {
  readonly id: number;
  readonly title: string;
  readonly body: string;
  readonly url: string;
}

self.addEventListener("push", (event) => {
  const message = readMessage(event.data);
  const shown = message ?? { title: "Nachbarschaftshilfe", body: "", id: "unknown", url: "/notifications" };
  event.waitUntil(
    self.registration.showNotification(shown.title, {
      body: shown.body,
      // told twice, shown once
      tag: `notification-${shown.id}`,
      icon: "/icon-192.png",
      badge: "/badge-96.png",
      data: { path: pathInApp(shown.url) },
    }),
  );
});

function readMessage(data: PushMessageData | null): PushMessage | undefined {
  try {
    return data?.json();
  } catch {
    return undefined; // not written by our backend, or by another version of it: browsers want something shown
  }
}

/** The place in this app that an address means; the inbox, where it is another's. */
function pathInApp(address: string): string {
  const { origin, pathname, search } = new URL(address, self.location.origin);
  return origin === self.location.origin ? `${pathname}${search}` : "/notifications";
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.path));
});

/** In the window that is open already, which goes there by itself and keeps what it has loaded, or in a new one. */
async function open(path: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const shown =
    windows.find(({ focused }) => focused) ??
    windows.find(({ visibilityState }) => visibilityState === "visible") ??
    windows[0];
  if (shown === undefined) {
    await self.clients.openWindow(path);
    return;
  }
  shown.postMessage({ open: path });
  await shown.focus();
}

self.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(renew(event as PushSubscriptionChangeEvent));
});

/** Browsers replace subscriptions. Who is signed in only the app knows: it saves the new one when it opens (push.ts). */
async function renew({ oldSubscription }: PushSubscriptionChangeEvent): Promise<void> {
  const options = oldSubscription?.options;
  if (options?.applicationServerKey == null) return;
  await self.registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: options.applicationServerKey,
  });
  for (const window of await self.clients.matchAll({ type: "window" })) window.postMessage({ renew: "push" });
}
