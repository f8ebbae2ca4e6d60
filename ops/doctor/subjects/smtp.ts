import { createTransport } from "nodemailer";
import { readSmtpSettings, type SmtpSettings } from "../../../supabase/functions/send-notifications/mailer.ts";
import { fine, ill, unasked } from "../finding.ts";
import { reasonOf } from "../patient.ts";
import type { FirstSubject } from "../subject.ts";
import { ELSEWHERE, HAND_OVER } from "./secrets.ts";

const TIME_LIMIT_MS = 10_000;

export const smtp: FirstSubject = {
  name: "smtp",
  about: "whether the mail server greets and takes the login; nothing is sent",
  async examine({ secrets, isLocalStack }) {
    let settings: SmtpSettings | undefined;
    try {
      settings = readSmtpSettings((name) => secrets[name]);
    } catch (error) {
      return [
        ill("smtp_malformed", reasonOf(error), "docs/operations/functions.md#e-mail-and-push says what it holds"),
      ];
    }
    if (settings === undefined) {
      if (isLocalStack) return [unasked("the local stack's own mailbox takes every e-mail")];
      if (!secrets["SEALING_KEYS"]) return [unasked(ELSEWHERE, HAND_OVER)];
      return [
        ill(
          "smtp_off",
          "SMTP_HOST is not set: e-mails wait in the outbox for three days",
          "set SMTP_HOST and SMTP_FROM (docs/operations/functions.md)",
        ),
      ];
    }
    const { host, port } = settings;
    try {
      await greet(settings);
      return [fine(`${host}:${port} greets${settings.login === undefined ? "" : " and takes the login"}`)];
    } catch (error) {
      return [
        ill(
          "smtp_unreachable",
          `${host}:${port}: ${reasonOf(error)}`,
          `openssl s_client -connect ${host}:${port}, then SMTP_HOST, SMTP_PORT, SMTP_SECURITY, SMTP_USER and SMTP_PASSWORD`,
        ),
      ];
    }
  },
};

/** Connects as function send-notifications does, and leaves again. */
async function greet({ host, port, security, login, from }: SmtpSettings): Promise<void> {
  const transport = createTransport({
    host,
    port,
    name: from.address.slice(from.address.indexOf("@") + 1),
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    ...(login === undefined ? {} : { auth: login }),
    connectionTimeout: TIME_LIMIT_MS,
    greetingTimeout: TIME_LIMIT_MS,
    socketTimeout: TIME_LIMIT_MS,
    dnsTimeout: TIME_LIMIT_MS,
  });
  try {
    await transport.verify();
  } finally {
    transport.close();
  }
}
