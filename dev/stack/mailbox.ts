import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { type ReadMail, readMail } from "./read-mail.ts";

/** Where the gateway shows the mails. */
export const MAILBOX_PATH = "/mailbox";

const KEPT = 100;

/** A mail that somebody would have got. */
export interface CaughtMail extends ReadMail {
  readonly to: readonly string[];
  readonly at: Date;
}

/** Takes every e-mail that the functions send and shows it on a page, so that none leaves this machine. */
export class Mailbox {
  readonly #server: SMTPServer;
  readonly #mails: CaughtMail[] = [];

  private constructor() {
    this.#server = new SMTPServer({
      name: "localhost",
      authOptional: true,
      disabledCommands: ["AUTH", "STARTTLS"],
      logger: false,
      closeTimeout: 500,
      onData: (stream, session, callback) => {
        text(stream).then((raw) => {
          const to = session.envelope.rcptTo.map(({ address }) => address);
          this.#mails.unshift({ ...readMail(raw), to, at: new Date() });
          this.#mails.length = Math.min(this.#mails.length, KEPT);
          callback(null);
        }, callback);
      },
    });
    // Clients that end a connection without a word.
    this.#server.on("error", () => undefined);
  }

  /** Starts to listen on a free port. */
  static async open(): Promise<Mailbox> {
    const mailbox = new Mailbox();
    await new Promise<void>((resolve, reject) => {
      mailbox.#server.once("error", reject);
      mailbox.#server.listen(0, "127.0.0.1", resolve);
    });
    return mailbox;
  }

  /** Where e-mails go to by SMTP. */
  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  /** What arrived, newest first. */
  get mails(): readonly CaughtMail[] {
    return this.#mails;
  }

  /** Answers `GET /mailbox`. */
  page(): Response {
    const mails = this.#mails.map(
      ({ to, at, headers, text: body }) => `<article>
<h2>${escapeHtml(headers.get("subject") ?? "")}</h2>
<p>to ${escapeHtml(to.join(", "))} at ${at.toLocaleTimeString("en-GB")}</p>
<pre>${withLinks(body)}</pre>
</article>`,
    );
    const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Mailbox</title>
<style>body { font: 16px/1.5 sans-serif; max-width: 720px; margin: 24px auto } pre { white-space: pre-wrap }</style>
<h1>Mailbox</h1>
${mails.length === 0 ? "<p>No e-mail was sent yet.</p>" : mails.join("\n")}
`;
    return new Response(html, {
      headers: {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
        "cache-control": "no-store",
      },
    });
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function withLinks(body: string): string {
  return escapeHtml(body).replaceAll(/https?:\/\/[^\s<]+/g, (url) => `<a href="${url}">${url}</a>`);
}

function escapeHtml(value: string): string {
  return value.replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
