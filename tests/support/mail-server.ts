import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { type ReadMail, readMail } from "../../dev/stack/read-mail.ts";

/** A mail that a server was given. */
export interface GivenMail extends ReadMail {
  readonly to: string;
}

/** What the server answers to a mail: takes it, or says no with a code and a text. */
export type Verdict = (mail: GivenMail) => Promise<{ code: number; text: string } | undefined>;

const TAKES_ALL: Verdict = async () => undefined;

/** A mail server of the outside world, which remembers what it was given and decides what to do with it. */
export class MailServer {
  /** In the order they came, also those that were not taken. */
  readonly given: GivenMail[] = [];
  verdict: Verdict = TAKES_ALL;
  readonly #server = new SMTPServer({
    name: "mail.example.test",
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    logger: false,
    closeTimeout: 500,
    onData: (stream, session, callback) => {
      const [recipient] = session.envelope.rcptTo;
      text(stream)
        .then(async (raw) => {
          const mail = { ...readMail(raw), to: recipient?.address ?? "" };
          this.given.push(mail);
          const no = await this.verdict(mail);
          callback(no === undefined ? null : Object.assign(new Error(no.text), { responseCode: no.code }));
        })
        .catch(callback);
    },
  });

  /** Starts to listen on a free port. */
  static async open(): Promise<MailServer> {
    const server = new MailServer();
    // clients whose process ends
    server.#server.on("error", () => undefined);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  /** Forgets everything and takes all. */
  reset(): void {
    this.given.length = 0;
    this.verdict = TAKES_ALL;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
