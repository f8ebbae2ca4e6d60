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

it("finds text and HTML below what holds files, and the files", async () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const mail = readMail(
    await written({
      from: "a@example.org",
      to: "b@example.org",
      subject: "Hi",
      text: "Grüße",
      html: "<p>Grüße</p>",
      attachments: [
        { filename: "Straße 1.bin", content: bytes },
        { filename: "notes.txt", content: "attached, not shown" },
      ],
    }),
  );
  expect([mail.text.trim(), mail.html.trim()]).toEqual(["Grüße", "<p>Grüße</p>"]);
  expect(mail.attachments.map(({ name, type }) => [name, type])).toEqual([
    ["Straße 1.bin", "application/octet-stream"],
    ["notes.txt", "text/plain"],
  ]);
  expect(mail.attachments[0]?.content.equals(bytes)).toBe(true);
});

it.each([
  ["utf-8", "8bit", Buffer.from("Grüße")],
  ["iso-8859-1", "8bit", Buffer.from("Grüße", "latin1")],
  ["no-such-set", "8bit", Buffer.from("Grüße")],
  ["windows-1252", "Quoted-Printable", Buffer.from("Gr=FC=DFe")],
])("reads %s as %s", (charset, encoding, body) => {
  const head = `Subject: Hi\r\nContent-Type: text/plain; charset=${charset}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
  expect(readMail(Buffer.concat([Buffer.from(head), body])).text).toBe("Grüße");
});

it.each([
  ["nothing", ""],
  ["no body", "Subject: Hi"],
  ["a boundary that never comes", "Content-Type: multipart/mixed; boundary=x\r\n\r\ntext"],
  ["parts in parts in parts", `${"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n".repeat(2_000)}--x--`],
])("reads a mail with %s", (_, raw) => {
  expect(readMail(raw).html).toBe("");
});
