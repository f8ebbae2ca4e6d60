/**
 * Shared by this function's tests: a delivery as the database gives it out, and real servers to deliver to.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { createUnsubscribeTokens } from "../_shared/unsubscribe-tokens.ts";
import type { DeliveredNotification, Delivery } from "./delivery.ts";

/** A notification with what people wrote into it. */
export const NOTIFICATION: DeliveredNotification = {
  id: 41,
  type: "offer_received",
  title: "Kim möchte dir helfen",
  body: 'Kim bietet Hilfe bei „Regal <aufbauen> & "streichen"“ an.',
  task_id: "9b0c1d2e-0000-4000-8000-00000000000a",
  offer_id: null,
  redemption_id: null,
  created_at: "2026-11-21T12:00:00.123456+00:00",
};

/** An e-mail that is due. */
export const MAIL: Delivery = {
  id: 7,
  attempt: 1,
  channel: "email",
  kind: "single",
  user_id: "9b0c1d2e-0000-4000-8000-0000000000ff",
  language: "de",
  name: null,
  to: "alex@example.org",
  subscription: null,
  notifications: [NOTIFICATION],
  time_limit_ms: 10_000,
};

/** The key that links are signed with here. */
export const SIGNING_KEY = Buffer.alloc(32, 7).toString("base64url");
/** Reads and writes links. */
export const tokens = await createUnsubscribeTokens(() => SIGNING_KEY);

/** An e-mail as a server took it. */
export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
}

/** Runs an SMTP server on a free port. What `options` leave out is taken and answered with 250. */
export async function withSmtpServer(
  options: SMTPServerOptions,
  use: (port: number, taken: TakenMail[]) => Promise<void>,
): Promise<void> {
  const taken: TakenMail[] = [];
  const server = new SMTPServer({
    name: "mail.example.org",
    authOptional: true,
    logger: false,
    closeTimeout: 50,
    onData(stream, session, callback) {
      const chunks: Uint8Array[] = [];
      stream.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        taken.push({
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString(),
          isEncrypted: session.secure,
          user: session.user as string | undefined,
        });
        callback(null);
      });
    },
    ...options,
  });
  server.on("error", () => undefined); // connections that clients cut
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use((server.server.address() as AddressInfo).port, taken);
  } finally {
    await new Promise<void>((resolve) => server.close(resolve));
  }
}

/** Runs a server that speaks bytes instead of SMTP. `talk` ends when the connection may be closed. */
export async function withRawServer(
  talk: (connection: Deno.Conn) => Promise<void>,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const talks: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const connection of listener) {
      talks.push(
        talk(connection)
          .catch(() => undefined) // the client was faster to end it
          .finally(() => {
            try {
              connection.close();
            } catch {
              // it was closed already
            }
          }),
      );
    }
  })();
  try {
    await use((listener.addr as Deno.NetAddr).port);
  } finally {
    listener.close();
    await accepting;
    await Promise.all(talks);
  }
}
