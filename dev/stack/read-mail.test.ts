import nodemailer from "nodemailer";
import { expect, it } from "vitest";
import { readMail } from "./read-mail.ts";

const written = async (mail: object) => {
  const { message } = await nodemailer.createTransport({ streamTransport: true, buffer: true }).sendMail(mail);
  return String(message);
};

it("reads what nodemailer writes, however it is encoded", async () => {
  const long = "Grüße aus der Straße, in der es viele lange Wörter und Sätze gibt. ".repeat(20).trim();
  const mail = readMail(
    await written({
      from: { name: "Nachbarn ü", address: "a@example.org" },
      to: "b@example.org",
      subject: `${long.slice(0, 140)} 日本語 😀`,
      text: `${long}\n日本語`,
      html: "<p>日本語日本語日本語</p>",
    }),
  );
  expect(mail.headers.get("subject")).toBe(`${long.slice(0, 140)} 日本語 😀`);
  expect(mail.headers.get("from")).toBe("Nachbarn ü <a@example.org>");
  expect(mail.text.trim().replaceAll("\r\n", "\n")).toBe(`${long}\n日本語`);
  expect(mail.html.trim()).toBe("<p>日本語日本語日本語</p>");
});

it("reads a mail of plain text", async () => {
  const mail = readMail(
    await written({ from: "a@example.org", to: "b@example.org", subject: "Hi", text: "only text" }),
  );
  expect(mail.text.trim()).toBe("only text");
  expect(mail.html).toBe("");
});
