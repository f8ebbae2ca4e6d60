import { ok, strictEqual } from "node:assert/strict";
import { type MailLinks, writeMail } from "./mail.ts";
import { MAIL, NOTIFICATION } from "./test-scene.ts";

const LINKS: MailLinks = {
  app: "https://app.example.org",
  noMoreOfThisType: "https://app.example.org/stop?a=1&token=type",
  noMoreAtAll: "https://app.example.org/stop?a=1&token=all",
};

Deno.test("one notification is an e-mail of its own, in the member's language", () => {
  const german = writeMail(MAIL, LINKS);
  strictEqual(german.subject, NOTIFICATION.title);
  ok(german.text.includes("Alle E-Mails abbestellen: https://app.example.org/stop?a=1&token=all"));
  ok(german.html.includes('<html lang="de">'));
  ok(german.html.includes('href="https://app.example.org/stop?a=1&#38;token=type"'));
  const english = writeMail({ ...MAIL, language: "en" }, LINKS);
  ok(english.text.includes("No more e-mails at all: "));
  ok(english.html.includes('<html lang="en">'));
});

Deno.test("a digest counts and lists, each with its page", () => {
  const redeemed = { ...NOTIFICATION, title: "Bald weg", task_id: null, redemption_id: "r1" };
  const other = { ...NOTIFICATION, title: "Sonstiges", task_id: null };
  const written = { ...NOTIFICATION, type: "message_received", title: "Neue Nachricht", offer_id: "o1" };
  const notifications = [NOTIFICATION, redeemed, other, written];
  const { noMoreOfThisType: _, ...rest } = LINKS;
  const mail = writeMail(
    { kind: "digest", language: "de", name: null, notifications },
    { ...rest, noMoreOfThisType: undefined },
  );
  strictEqual(mail.subject, "4 Benachrichtigungen warten auf dich");
  for (const text of [mail.text, mail.html]) {
    ok(notifications.every(({ title }) => text.includes(title)));
    ok(text.includes(`/tasks/${NOTIFICATION.task_id}`));
    ok(text.includes("/redemptions/r1"));
    ok(text.includes("/conversations/o1"));
    ok(text.includes("https://app.example.org/notifications"));
    ok(!text.includes("Solche E-Mails"));
  }
  strictEqual(
    writeMail({ kind: "digest", language: "en", name: null, notifications: [NOTIFICATION] }, LINKS).subject,
    "A notification is waiting for you",
  );
});

Deno.test("what people wrote stays text", () => {
  const evil = `<img src=x onerror=alert(1)>'"&`;
  const { html, text } = writeMail({ ...MAIL, notifications: [{ ...NOTIFICATION, title: evil, body: evil }] }, LINKS);
  ok(!html.includes("<img"));
  ok(html.includes("&#60;img src=x onerror=alert(1)&#62;&#39;&#34;&#38;"));
  ok(text.includes(evil));
});

Deno.test("a subject is one line of bearable length, cut between characters", () => {
  const subjectOf = (title: string) =>
    writeMail({ ...MAIL, notifications: [{ ...NOTIFICATION, title }] }, LINKS).subject;
  strictEqual(subjectOf(" a\r\n\tb\u0000c "), "a b c");
  strictEqual(subjectOf("😀".repeat(400)), `${"😀".repeat(149)}…`);
});

Deno.test("members who have a name are greeted by it", () => {
  const linesOf = (name: string | null, language: "de" | "en" = "de"): [string | undefined, string | undefined] => {
    const { text, html } = writeMail({ ...MAIL, language, name }, LINKS);
    return [text.split("\n")[0], /<p>(.*?)<\/p>/u.exec(html)?.[1]];
  };
  const greetings: [string | null, string, string][] = [
    ["Anna", "Hallo Anna,", "Hello Anna,"],
    ["李", "Hallo 李,", "Hello 李,"],
    [" J.R. Müller-Lüdenscheidt ", "Hallo J.R. Müller-Lüdenscheidt,", "Hello J.R. Müller-Lüdenscheidt,"],
    ["Anna\r\nBcc: mallory@example.org", "Hallo!", "Hello!"],
    ["Anna\r\n\r\nSpam", "Hallo Anna Spam,", "Hello Anna Spam,"],
    ["You won, see evil.example", "Hallo!", "Hello!"],
    ["https://evil.example", "Hallo!", "Hello!"],
    ["x".repeat(255), "Hallo!", "Hello!"],
    ["🐶", "Hallo!", "Hello!"],
    [" ", "Hallo!", "Hello!"],
    [null, "Hallo!", "Hello!"],
  ];
  for (const [name, german, english] of greetings) {
    strictEqual(linesOf(name).join("|"), `${german}|${german}`);
    strictEqual(linesOf(name, "en").join("|"), `${english}|${english}`);
  }
  strictEqual(linesOf("<b>Anna & Co").join("|"), "Hallo <b>Anna & Co,|Hallo &#60;b&#62;Anna &#38; Co,");
});
