/**
 * How notifications look as an e-mail: plain text and HTML, in German and English. What people wrote is escaped.
 *
 * @module
 */
import type { DeliveredNotification, Delivery, Language } from "./delivery.ts";

/** Addresses that an e-mail links to. */
export interface MailLinks {
  /** Where the app is, without a slash at the end. */
  readonly app: string;
  /** Ends e-mails of this type; undefined where several types come together. */
  readonly noMoreOfThisType: string | undefined;
  /** Ends all e-mails. */
  readonly noMoreAtAll: string;
}

/** What an e-mail says. */
export interface MailContent {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const MAX_SUBJECT_LENGTH = 150;
/** Longer names are no help in a greeting. */
const MAX_GREETED_LENGTH = 60;

const WORDS = {
  de: {
    greeting: "Hallo",
    digest: (count: number) =>
      count === 1 ? "Eine Benachrichtigung wartet auf dich" : `${count} Benachrichtigungen warten auf dich`,
    open: "In der App ansehen",
    why: "Du bekommst diese E-Mail, weil du Mitglied deiner Nachbarschaftshilfe bist.",
    settings: "Einstellungen",
    noMoreOfThisType: "Solche E-Mails abbestellen",
    noMoreAtAll: "Alle E-Mails abbestellen",
  },
  en: {
    greeting: "Hello",
    digest: (count: number) =>
      count === 1 ? "A notification is waiting for you" : `${count} notifications are waiting for you`,
    open: "See it in the app",
    why: "You get this e-mail because you are a member of your neighbourhood.",
    settings: "Settings",
    noMoreOfThisType: "No more e-mails like this",
    noMoreAtAll: "No more e-mails at all",
  },
} as const satisfies Record<Language, object>;

/** Writes the e-mail of a delivery. */
export function writeMail(
  { kind, language, name, notifications }: Pick<Delivery, "kind" | "language" | "name" | "notifications">,
  links: MailLinks,
): MailContent {
  const words = WORDS[language];
  const greeting = greet(words.greeting, name);
  const [first] = notifications;
  const isDigest = kind === "digest" || first === undefined || notifications.length > 1;
  const subject = isDigest ? words.digest(notifications.length) : first.title;
  const footer: [label: string, url: string][] = [
    [words.settings, `${links.app}/settings/notifications`],
    ...(links.noMoreOfThisType === undefined
      ? []
      : [[words.noMoreOfThisType, links.noMoreOfThisType] satisfies [string, string]]),
    [words.noMoreAtAll, links.noMoreAtAll],
  ];
  return {
    subject: subjectOf(subject),
    text: [
      greeting,
      ...(isDigest ? [subject] : []),
      ...notifications.map((notification) =>
        [notification.title, notification.body, pageOf(notification, links.app)].join("\n"),
      ),
      `-- \n${words.why}\n${footer.map(([label, url]) => `${label}: ${url}`).join("\n")}`,
    ].join("\n\n"),
    html: page(language, subject, [
      `<p>${escapeHtml(greeting)}</p>`,
      ...(isDigest ? [`<p>${escapeHtml(subject)}</p>`] : []),
      ...notifications.map((notification) => section(notification, words.open, links.app)),
      `<p style="margin-top:32px;color:#666;font-size:13px">${words.why}<br>`,
      `${footer.map(([label, url]) => link(label, url)).join(" · ")}</p>`,
    ]),
  };
}

/** The page of the app that a notification is about. */
export function pageOf({ type, task_id, offer_id, redemption_id }: DeliveredNotification, app: string): string {
  if (type === "message_received" && offer_id !== null) return `${app}/conversations/${offer_id}`;
  if (redemption_id !== null) return `${app}/redemptions/${redemption_id}`;
  return task_id === null ? `${app}/notifications` : `${app}/tasks/${task_id}`;
}

const oneLine = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, " ").trim();

function subjectOf(text: string): string {
  const line = [...oneLine(text)];
  return line.length <= MAX_SUBJECT_LENGTH ? line.join("") : `${line.slice(0, MAX_SUBJECT_LENGTH - 1).join("")}…`;
}

/** Mail programs would make a link of it: whoever signs up with somebody's address chooses the name. */
const LIKE_A_LINK = /[/@:]|\p{L}\.\p{L}{2}/u;

function greet(greeting: string, name: string | null): string {
  const called = oneLine(name ?? "");
  const isName = /\p{L}/u.test(called) && [...called].length <= MAX_GREETED_LENGTH && !LIKE_A_LINK.test(called);
  return isName ? `${greeting} ${called},` : `${greeting}!`;
}

function section(notification: DeliveredNotification, open: string, app: string): string {
  const body = escapeHtml(notification.body).replaceAll("\n", "<br>");
  return `<h2 style="margin:24px 0 8px;font-size:17px">${escapeHtml(notification.title)}</h2>
<p>${body}</p>
<p>${link(open, pageOf(notification, app))}</p>`;
}

function link(label: string, url: string): string {
  return `<a href="${escapeHtml(url)}" style="color:#0a6">${escapeHtml(label)}</a>`;
}

function page(language: Language, title: string, parts: readonly string[]): string {
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title></head>
<body style="margin:0 auto;padding:24px;max-width:560px;font:16px/1.5 sans-serif;color:#222">
${parts.join("\n")}
</body>
</html>
`;
}

/** Text that stays text inside HTML, in attributes, too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/gu, (character) => `&#${character.codePointAt(0)};`);
}
