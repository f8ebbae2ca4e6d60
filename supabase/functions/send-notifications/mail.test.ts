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
  const notifications = [NOTIFICATION, redeemed, other];
  const { noMoreOfThisType: _, ...rest } = LINKS;
  const mail = writeMail({ kind: "digest", language: "de", notifications }, { ...rest, noMoreOfThisType: undefined });
  strictEqual(mail.subject, "3 Benachrichtigungen warten auf dich");
  for (const text of [mail.text, mail.html]) {
    ok(notifications.every(({ title }) => text.includes(title)));
    ok(text.includes(`/tasks/${NOTIFICATION.task_id}`));
    ok(text.includes("/redemptions/r1"));
    ok(text.includes("https://app.example.org/notifications"));
    ok(!text.includes("Solche E-Mails"));
  }
  strictEqual(
    writeMail({ kind: "digest", language: "en", notifications: [NOTIFICATION] }, LINKS).subject,
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
