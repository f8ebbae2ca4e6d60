import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { attachmentAnswer, mailboxPage, type NumberedMail } from "./mailbox-page.ts";
import { type ReadMail, readMail } from "./read-mail.ts";

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
  readonly #mails: NumberedMail[] = [];
  #count = 0;
  readonly #server = new SMTPServer({
    name: "localhost",
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    logger: false,
    closeTimeout: 500,
    onData: (stream, session, callback) => {
      buffer(stream)
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
    this.#count += 1;
    this.#mails.unshift({ ...mail, number: this.#count });
    this.#mails.length = Math.min(this.#mails.length, KEPT);
  }

  /** Answers `GET /mailbox`, where `?mail=…` opens one. */
  page(request: Request): Response {
    return mailboxPage(this.#mails, Number(new URL(request.url).searchParams.get("mail")));
  }

  /** Answers `GET /mailbox/:mail/:file`; undefined when there is no such file. */
  file(mail: number, file: number): Response | undefined {
    const attachment = this.#mails.find(({ number }) => number === mail)?.attachments[file];
    return attachment && attachmentAnswer(attachment);
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
