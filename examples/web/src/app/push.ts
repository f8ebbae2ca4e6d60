import type { Connection } from "./connection.ts";

/** Whether this browser gets push messages, or why it cannot. */
export type PushState =
  /** The browser knows no push; an iPhone does once the app is on its home screen. */
  | "unsupported"
  /** The project has no key for push messages. */
  | "not_offered"
  /** The member has forbidden notifications; only the browser's settings can change that. */
  | "denied"
  | "off"
  | "on";

/** Whose subscription it is that this browser holds, and where it leads: one browser, perhaps several members. */
const STORED = "push";

/** What to show beside the switch. */
export async function pushState({ config, supabase }: Connection): Promise<PushState> {
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return "unsupported";
  if (config.vapid_public_key === "") return "not_offered";
  if (Notification.permission === "denied") return "denied";
  const subscription = await currentSubscription();
  return subscription !== null && stored()?.user_id === (await userId(supabase)) ? "on" : "off";
}

/** Asks for permission, which browsers allow only in answer to a press, and subscribes. */
export async function subscribeToPush(connection: Connection): Promise<PushState> {
  const state = await pushState(connection);
  if (state !== "off") return state;
  if ((await Notification.requestPermission()) !== "granted") return pushState(connection);
  await save(connection, await subscribe(connection.config.vapid_public_key));
  return pushState(connection);
}

/** Ends push messages to this browser; also before signing out, so that whoever comes next does not get them. */
export async function unsubscribeFromPush({ loadClient }: Connection): Promise<void> {
  const subscription = await currentSubscription();
  const endpoint = subscription?.endpoint ?? stored()?.endpoint;
  localStorage.removeItem(STORED);
  // the browser first: without a connection the push service will tell the backend that it is gone
  await subscription?.unsubscribe();
  if (endpoint !== undefined) await (await loadClient()).notifications.deletePushSubscription(endpoint);
}

/** When the app opens: browsers replace subscriptions by themselves, and another member may have signed in since. */
export async function renewPush(connection: Connection): Promise<void> {
  const known = stored();
  const user_id = await userId(connection.supabase);
  if (known === undefined || user_id === undefined) return;
  if (!("serviceWorker" in navigator && "PushManager" in window)) return;
  const subscription = await currentSubscription();
  if (known.user_id !== user_id) {
    await subscription?.unsubscribe();
    localStorage.removeItem(STORED);
  } else if (subscription?.endpoint !== known.endpoint && Notification.permission === "granted") {
    await save(connection, subscription ?? (await subscribe(connection.config.vapid_public_key)));
  }
}

async function currentSubscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker?.getRegistration();
  return (await registration?.pushManager?.getSubscription()) ?? null;
}

async function subscribe(applicationServerKey: string): Promise<PushSubscription> {
  const { pushManager } = await navigator.serviceWorker.ready;
  // one of another key, from before the project changed it, stands in the way
  const old = await pushManager.getSubscription();
  await old?.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
}

/** Asked anew each time: a service worker's message may come long after the screen was drawn. */
async function userId(supabase: Connection["supabase"]): Promise<string | undefined> {
  return (await supabase.auth.getSession()).data.session?.user.id;
}

async function save({ loadClient, supabase }: Connection, subscription: PushSubscription): Promise<void> {
  await (await loadClient()).notifications.savePushSubscription(subscription.toJSON());
  localStorage.setItem(STORED, JSON.stringify({ user_id: await userId(supabase), endpoint: subscription.endpoint }));
}

function stored(): { readonly user_id: string; readonly endpoint: string } | undefined {
  const text = localStorage.getItem(STORED);
  return text === null ? undefined : JSON.parse(text);
}
