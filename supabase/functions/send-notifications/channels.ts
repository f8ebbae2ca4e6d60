/**
 * Which channels this project has set up.
 *
 * @module
 */
import type { Log } from "../_shared/log.ts";
import type { Outbound } from "../_shared/outbound.ts";
import { createUnsubscribeTokens } from "../_shared/unsubscribe-tokens.ts";
import type { SendDependencies } from "./handler.ts";
import { createMailer, readSmtpSettings } from "./mailer.ts";
import { createPusher } from "./pusher.ts";
import { readVapidSettings } from "./vapid.ts";

/** What the channels need besides settings. */
export interface ChannelOptions {
  /** Address of the project. */
  projectUrl: string;
  outbound: Pick<Outbound, "post">;
  log: Log;
}

/**
 * Reads the settings of both channels. One that is not set up is left out, which is logged.
 *
 * @param get reads one variable, e.g. `Deno.env.get`.
 * @throws Error naming the variable that is missing or malformed where a channel is set up.
 */
export async function openChannels(
  get: (name: string) => string | undefined,
  { projectUrl, outbound, log }: ChannelOptions,
): Promise<SendDependencies["channels"]> {
  const smtp = readSmtpSettings(get);
  const vapid = readVapidSettings(get);
  if (smtp === undefined) log("warn", "e-mails wait in the outbox: SMTP_HOST is not set");
  if (vapid === undefined) log("warn", "push messages wait in the outbox: VAPID_PUBLIC_KEY is not set");
  if (smtp === undefined && vapid === undefined) return {};

  const app = appAddress(get("APP_URL"));
  const unsubscribe = `${projectUrl}/functions/v1/unsubscribe`;
  const addresses = { app, unsubscribe, unsubscribePage: get("UNSUBSCRIBE_PAGE_URL") || unsubscribe };
  const tokens = smtp === undefined ? undefined : await createUnsubscribeTokens(get);
  return {
    ...(smtp === undefined || tokens === undefined ? {} : { email: () => createMailer({ smtp, addresses, tokens }) }),
    ...(vapid === undefined ? {} : { web_push: () => createPusher({ vapid, outbound, app }) }),
  };
}

function appAddress(text: string | undefined): string {
  if (!text) throw new Error("APP_URL is not set");
  const url = URL.parse(text);
  if (url === null || !/^https?:$/u.test(url.protocol)) throw new Error("APP_URL must begin with https://");
  return text.replace(/\/+$/u, "");
}
