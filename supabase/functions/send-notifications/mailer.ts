/**
 * Sends e-mails over SMTP.
 *
 * @module
 */
import { createTransport, type Transporter } from "nodemailer";
import type { UnsubscribeTokens } from "../_shared/unsubscribe-tokens.ts";
import { type Delivery, type Outcome, SENT, type Sender } from "./delivery.ts";
import { type MailLinks, writeMail } from "./mail.ts";

/** How a connection to the SMTP server is protected: TLS from the start, by STARTTLS, or not at all. */
export type SmtpSecurity = "tls" | "starttls" | "none";

/** The SMTP server and who we are there. */
export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  readonly security: SmtpSecurity;
  /** Undefined where the server asks for no login. */
  readonly login: { readonly user: string; readonly pass: string } | undefined;
  readonly from: { readonly name: string; readonly address: string };
}

/** Addresses that e-mails lead to. */
export interface MailAddresses {
  /** Where the app is. */
  readonly app: string;
  /** Where function `unsubscribe` is: mail programs send their one click there. */
  readonly unsubscribe: string;
  /** The page behind the links in an e-mail; `?token=…` is added. */
  readonly unsubscribePage: string;
}

/** What a mailer works with. */
export interface MailerOptions {
  readonly smtp: SmtpSettings;
  readonly addresses: MailAddresses;
  readonly tokens: Pick<UnsubscribeTokens, "sign">;
}

/** The longest that an e-mail may take. */
const TIME_LIMIT_MS = 10_000;
const LOOPBACK = ["127.0.0.1", "::1", "localhost"];
const FROM = /^(?:([^<>"\r\n]*?) *<)?([^\s<>@",;:]+@[A-Za-z0-9.-]+)>?$/u;

/**
 * Reads `SMTP_HOST`, `SMTP_PORT`, `SMTP_SECURITY`, `SMTP_USER`, `SMTP_PASSWORD` and `SMTP_FROM`.
 *
 * @returns undefined when `SMTP_HOST` is not set.
 * @throws Error naming the variable that is missing or malformed.
 */
export function readSmtpSettings(get: (name: string) => string | undefined): SmtpSettings | undefined {
  const host = get("SMTP_HOST");
  if (!host) return undefined;
  const port = Number(get("SMTP_PORT") || 465);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error("SMTP_PORT is no port");
  const security = get("SMTP_SECURITY") || "tls";
  if (security !== "tls" && security !== "starttls" && security !== "none") {
    throw new Error("SMTP_SECURITY must be tls, starttls or none");
  }
  if (security === "none" && !LOOPBACK.includes(host)) throw new Error("SMTP_SECURITY=none is for this machine only");
  const [, name = "", address] = FROM.exec(get("SMTP_FROM")?.trim() ?? "") ?? [];
  if (address === undefined) throw new Error("SMTP_FROM must be an address like: Neighbours <post@example.org>");
  const user = get("SMTP_USER");
  const pass = get("SMTP_PASSWORD");
  if (!user !== !pass) throw new Error("SMTP_USER and SMTP_PASSWORD come together");
  return { host, port, security, login: user && pass ? { user, pass } : undefined, from: { name, address } };
}

/**
 * Opens a mailer. Each e-mail under way has a connection, which is made when it is needed and used for the next one; after
 * silence it is left alone, so that what hangs keeps nobody waiting.
 */
export function createMailer({ smtp, addresses, tokens }: MailerOptions): Sender {
  const domain = smtp.from.address.slice(smtp.from.address.indexOf("@") + 1);
  const settings = {
    host: smtp.host,
    port: smtp.port,
    // Our name towards the server. Without it the name of this machine is asked for, which functions may not know.
    name: domain,
    secure: smtp.security === "tls",
    requireTLS: smtp.security === "starttls",
    ignoreTLS: smtp.security === "none",
    ...(smtp.login === undefined ? {} : { auth: smtp.login }),
    pool: true,
    maxConnections: 1,
    connectionTimeout: TIME_LIMIT_MS,
    greetingTimeout: TIME_LIMIT_MS,
    socketTimeout: TIME_LIMIT_MS,
    dnsTimeout: TIME_LIMIT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  } as const;
  const idle: Transporter[] = [];

  return {
    async send(delivery) {
      const { to } = delivery;
      if (to === null) return { outcome: "rejected", error: "no confirmed e-mail address" };
      const links = await linksOf(delivery, addresses, tokens);
      const message = {
        ...writeMail(delivery, links.inside),
        from: smtp.from,
        // As an object, so that nothing in an address can make a second one of it.
        to: { name: "", address: to },
        // The same for each attempt: mailboxes that compare show it once.
        messageId: `<notification-delivery-${delivery.id}@${domain}>`,
        headers: {
          "List-Unsubscribe": { prepared: true, value: `<${links.oneClick}>` },
          "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
          "Auto-Submitted": "auto-generated",
        },
      };
      const transport = idle.pop() ?? createTransport(settings);
      const outcome = await attempt(transport.sendMail(message), to, delivery.time_limit_ms);
      if (outcome === LATE) transport.close();
      else idle.push(transport);
      return outcome;
    },
    close: () => {
      for (const transport of idle) transport.close();
    },
  };
}

async function linksOf(
  { user_id: userId, kind, notifications }: Delivery,
  { app, unsubscribe, unsubscribePage }: MailAddresses,
  tokens: Pick<UnsubscribeTokens, "sign">,
): Promise<{ oneClick: string; inside: MailLinks }> {
  const whole = await tokens.sign({ userId, channel: "email", type: null });
  const [first, second] = notifications;
  const type = kind === "single" && second === undefined ? first?.type : undefined;
  const single = type === undefined ? undefined : await tokens.sign({ userId, channel: "email", type });
  return {
    oneClick: withToken(unsubscribe, whole),
    inside: {
      app,
      noMoreOfThisType: single === undefined ? undefined : withToken(unsubscribePage, single),
      noMoreAtAll: withToken(unsubscribePage, whole),
    },
  };
}

function withToken(address: string, token: string): string {
  return `${address}${address.includes("?") ? "&" : "?"}token=${token}`;
}

const LATE: Outcome = { outcome: "retry", error: "no answer in time" };

/** A server that answers a byte now and then never times out by itself. */
async function attempt(sending: Promise<unknown>, to: string, timeLimitMs: number): Promise<Outcome> {
  const { promise: late, resolve } = Promise.withResolvers<Outcome>();
  const timer = setTimeout(() => resolve(LATE), timeLimitMs);
  const done = sending.then(
    () => SENT,
    (error: unknown) => failureOf(error, to),
  );
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What nodemailer tells about a failure. */
interface SmtpError {
  readonly message?: string;
  /** What the server answered to. */
  readonly command?: string;
  readonly responseCode?: number;
  readonly response?: string;
}

/**
 * Only a final "no" to this very recipient or e-mail ends it. A login that fails, a sender that is refused and what
 * servers call policy (5.7) or system (5.3, 5.4) are troubles of ours, which pass.
 */
function failureOf(error: unknown, to: string): Outcome {
  const { message = "unknown failure", command, responseCode = 0, response = "" } = error as SmtpError;
  const isAboutTheMail = command === "RCPT TO" || command === "DATA";
  const isOurTrouble = /^\d{3}[ -]5\.[347]\.\d/u.test(response);
  const isFinal = isAboutTheMail && responseCode >= 500 && responseCode <= 599 && !isOurTrouble;
  // An address that does not exist (5.1, where it is not about the sender) or is switched off (5.2.1); a mailbox that is
  // full (5.2.2) may be emptied.
  const isMailboxGone = isFinal && /^\d{3}[ -]5\.(?:1\.(?:[1236]|10)|2\.1)\b/u.test(response);
  // The address stays out of the outbox's notes.
  return {
    outcome: isMailboxGone ? "refused" : isFinal ? "rejected" : "retry",
    error: message.replaceAll(to, "…"),
  };
}
