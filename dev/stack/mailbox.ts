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

/** What a mail server says to a mail: it takes it, or says no with a code and a text. */
export type Verdict = (mail: CaughtMail) => Promise<{ code: number; text: string } | undefined>;

const TAKES_ALL: Verdict = async () => undefined;

/** Takes every e-mail that functions and Auth send and shows it on a page, so that none leaves this machine. */
export class Mailbox {
  /** What becomes of the next mails; tests play mail servers that say no. */
  verdict: Verdict = TAKES_ALL;
  readonly #mails: CaughtMail[] = [];
  readonly #server = new SMTPServer({
    name: "localhost",
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    logger: false,
    closeTimeout: 500,
    onData: (stream, session, callback) => {
      text(stream)
        .then(async (raw) => {
          const to = session.envelope.rcptTo.map(({ address }) => address);
          const mail = { ...readMail(raw), to, at: new Date() };
          this.keep(mail);
          const no = await this.verdict(mail);
          callback(no === undefined ? null : Object.assign(new Error(no.text), { responseCode: no.code }));
        })
        .catch(callback);
    },
  });

  private constructor() {
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

  /** What arrived, newest first, also what was not taken. */
  get mails(): readonly CaughtMail[] {
    return this.#mails;
  }

  /** Takes an e-mail that did not come by SMTP. */
  keep(mail: CaughtMail): void {
    this.#mails.unshift(mail);
    this.#mails.length = Math.min(this.#mails.length, KEPT);
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

  /** Forgets everything and takes all. */
  reset(): void {
    this.#mails.length = 0;
    this.verdict = TAKES_ALL;
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
