import { useSyncExternalStore } from "react";

type Open = (path: string) => void;

let waiting: ServiceWorker | undefined;
let isLeaving = false;
const listeners = new Set<() => void>();

/** Starts what keeps the app open without a network and tells of push messages; without it the app works as well. */
export async function startServiceWorker(open: Open, renewPush: () => void): Promise<void> {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    if (typeof data.open === "string") open(data.open);
    if (data.renew === "push") renewPush();
  });
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    // of the page's own wish; the first one there takes over nothing
    if (isLeaving) location.reload();
  });
  const registration = await navigator.serviceWorker.register("/service-worker.js", { updateViaCache: "none" });
  const look = (worker: ServiceWorker | null) => {
    if (worker === null) return;
    const tell = () => {
      // the first version replaces nothing
      if (worker.state === "installed" && navigator.serviceWorker.controller !== null) announce(worker);
      if (worker.state === "redundant" && worker === waiting) announce(undefined);
    };
    worker.addEventListener("statechange", tell);
    tell();
  };
  look(registration.waiting);
  look(registration.installing);
  registration.addEventListener("updatefound", () => look(registration.installing));
  // a phone keeps the app open for weeks
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") registration.update().catch(() => undefined);
  });
}

function announce(worker: ServiceWorker | undefined): void {
  waiting = worker;
  for (const tell of listeners) tell();
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

/** Changes to the version of the app that waits; undefined while there is none. */
export function useNewVersion(): (() => void) | undefined {
  const worker = useSyncExternalStore(subscribe, () => waiting);
  if (worker === undefined) return undefined;
  return () => {
    isLeaving = true;
    worker.postMessage("take over");
  };
}
