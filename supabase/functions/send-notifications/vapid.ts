/**
 * Who we are towards push services.
 *
 * @module
 */
import webPush from "web-push"; // whole: Node does not see the names in it

/** Who we are towards push services. */
export interface VapidSettings {
  /** How the services reach us: `mailto:` or an `https:` address. */
  readonly subject: string;
  readonly publicKey: string;
  readonly privateKey: string;
}

/**
 * Reads `VAPID_SUBJECT`, `VAPID_PUBLIC_KEY` and `VAPID_PRIVATE_KEY`.
 *
 * @returns undefined when `VAPID_PUBLIC_KEY` is not set.
 * @throws Error saying what is missing or malformed.
 */
export function readVapidSettings(get: (name: string) => string | undefined): VapidSettings | undefined {
  const publicKey = get("VAPID_PUBLIC_KEY");
  if (!publicKey) return undefined;
  const privateKey = get("VAPID_PRIVATE_KEY");
  const subject = get("VAPID_SUBJECT");
  if (!privateKey || !subject) throw new Error("VAPID_PRIVATE_KEY or VAPID_SUBJECT is not set");
  // Signs once, to find out now whether subject and keys are usable.
  webPush.getVapidHeaders("https://push.example.com", subject, publicKey, privateKey, "aes128gcm");
  return { subject, publicKey, privateKey };
}
