import { expect, it } from "vitest";
import { attachmentAnswer, mailboxPage, type NumberedMail } from "./mailbox-page.ts";

const HOSTILE = `"'><script>alert(1)</script><base href=//evil.test>`;
const mail = (number: number, changed: Partial<NumberedMail> = {}): NumberedMail => ({
  number,
  to: ["kim@example.org"],
  at: new Date("2026-06-01T10:00:00Z"),
  headers: new Map([["subject", `Mail ${number}`]]),
  text: "",
  html: "",
  attachments: [],
  ...changed,
});
const page = (mails: NumberedMail[], open = 0) => mailboxPage(mails, open).text();

it("shows no mail as it was written, wherever in it something hostile stands", async () => {
  const html = await page([
    mail(1, {
      to: [HOSTILE],
      headers: new Map([
        ["subject", HOSTILE],
        ["from", HOSTILE],
        [HOSTILE, HOSTILE],
      ]),
      text: HOSTILE,
      html: HOSTILE,
      attachments: [{ name: HOSTILE, type: HOSTILE, content: Buffer.from("") }],
    }),
  ]);
  // besides those of the page itself
  expect(html.match(/<script|<base /gu)).toEqual(["<base "]);
  expect(html.match(/&#60;script&#62;alert\(1\)/gu)?.length).toBeGreaterThan(8);
  expect(html).toMatch(
    /<iframe title="[^"]+" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="[^"<>]+"><\/iframe>/u,
  );
});

it("lets nothing run and nothing load", () => {
  const { headers } = mailboxPage([mail(1)], 1);
  expect(headers.get("content-security-policy")).toMatch(
    /^default-src 'none'; style-src 'unsafe-inline'; img-src data:;/u,
  );
  expect(headers.get("referrer-policy")).toBe("no-referrer");
});

it("opens the newest, or the one that was asked for", async () => {
  const mails = [mail(2), mail(1)];
  const heading = (html: string) => /<h2>(.*?)<\/h2>/u.exec(html)?.[1];
  expect(heading(await page(mails))).toBe("Mail 2");
  expect(heading(await page(mails, 1))).toBe("Mail 1");
  expect(heading(await page(mails, 99))).toBe("Mail 2");
  expect(await page([])).toContain("No e-mail was sent yet.");
});

it("hands out a file to be kept, never to be opened", async () => {
  const answer = attachmentAnswer({ name: `a"\r\n/ü.html`, type: "text/html", content: Buffer.from("<p>") });
  expect(answer.headers.get("content-type")).toBe("application/octet-stream");
  expect(answer.headers.get("content-disposition")).toBe("attachment; filename*=UTF-8''a%22%0D%0A%2F%C3%BC.html");
  expect(await answer.text()).toBe("<p>");
});
