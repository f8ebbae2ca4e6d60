// Needs --allow-net: everything here talks to real servers on loopback addresses.
import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { SMTPServerOptions } from "smtp-server";
import type { Delivery, Outcome } from "./delivery.ts";
import { createMailer, readSmtpSettings, type SmtpSettings } from "./mailer.ts";
import { MAIL, NOTIFICATION, type TakenMail, tokens, withRawServer, withSmtpServer } from "./test-scene.ts";

const ADDRESSES = {
  app: "https://app.example.org",
  unsubscribe: "https://project.example.org/functions/v1/unsubscribe",
  unsubscribePage: "https://app.example.org/stop?from=mail",
};
const plain = (port: number): SmtpSettings => ({
  host: "127.0.0.1",
  port,
  security: "none",
  login: undefined,
  from: { name: "Nachbarschaft ü", address: "post@example.org" },
});

async function sendTo(port: number, delivery: Delivery = MAIL, settings: Partial<SmtpSettings> = {}): Promise<Outcome> {
  const mailer = createMailer({
    smtp: { ...plain(port), ...settings },
    addresses: ADDRESSES,
    tokens,
  });
  try {
    return await mailer.send(delivery);
  } finally {
    mailer.close();
  }
}

/** Header lines by name, unfolded. */
function headersOf({ raw }: TakenMail): Map<string, string> {
  const head = raw.slice(0, raw.indexOf("\r\n\r\n")).replace(/\r\n[ \t]+/gu, " ");
  return new Map(
    head.split("\r\n").map((line) => {
      const [, name = "", value = ""] = /^([^:]+): (.*)$/u.exec(line) ?? [];
      return [name.toLowerCase(), value];
    }),
  );
}

/** The parts of an e-mail by media type, decoded. */
function partsOf(mail: TakenMail): Map<string, string> {
  const boundary = /boundary="([^"]+)"/u.exec(headersOf(mail).get("content-type") ?? "")?.[1] ?? "";
  const parts = mail.raw.split(`--${boundary}`).slice(1, -1);
  return new Map(
    parts.map((part) => {
      const end = part.indexOf("\r\n\r\n");
      const type = /content-type: ([^;]+)/iu.exec(part.slice(0, end))?.[1] ?? "";
      const isBase64 = /content-transfer-encoding: base64/iu.test(part.slice(0, end));
      const body = part.slice(end + 4);
      return [type, isBase64 ? Buffer.from(body, "base64").toString() : quotedPrintable(body)];
    }),
  );
}

function quotedPrintable(text: string): string {
  const bytes = text
    .replace(/=\r\n/gu, "")
    .replace(/=([0-9A-F]{2})/gu, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString();
}

const tokenOf = (address: string | undefined) => new URL(address ?? "").searchParams.get("token") ?? "";

Deno.test("an e-mail arrives with text, HTML and the headers of a one-click unsubscribe", async () => {
  await withSmtpServer({}, async (port, taken) => {
    deepStrictEqual(await sendTo(port), { outcome: "sent", error: null });
    const [mail] = taken;
    ok(mail);
    deepStrictEqual([mail.from, mail.to], ["post@example.org", ["alex@example.org"]]);
    const headers = headersOf(mail);
    strictEqual(headers.get("to"), "alex@example.org");
    match(headers.get("from") ?? "", /^=\?UTF-8\?.*\?= <post@example\.org>$/u);
    match(headers.get("subject") ?? "", /^=\?UTF-8\?/u);
    strictEqual(headers.get("message-id"), "<notification-delivery-7@example.org>");
    strictEqual(headers.get("auto-submitted"), "auto-generated");
    strictEqual(headers.get("list-unsubscribe-post"), "List-Unsubscribe=One-Click");
    const oneClick = /^<(https:\/\/project\.example\.org\/functions\/v1\/unsubscribe\?token=[^>]+)>$/u.exec(
      headers.get("list-unsubscribe") ?? "",
    )?.[1];
    deepStrictEqual(await tokens.read(tokenOf(oneClick)), { userId: MAIL.user_id, channel: "email", type: null });

    const parts = partsOf(mail);
    deepStrictEqual([...parts.keys()], ["text/plain", "text/html"]);
    const text = parts.get("text/plain") ?? "";
    ok(text.includes(NOTIFICATION.body));
    ok(text.includes(`https://app.example.org/tasks/${NOTIFICATION.task_id}`));
    const [noMoreOfThisType, noMoreAtAll] =
      text.match(/https:\/\/app\.example\.org\/stop\?from=mail&token=\S+/gu) ?? [];
    strictEqual((await tokens.read(tokenOf(noMoreOfThisType)))?.type, "offer_received");
    strictEqual((await tokens.read(tokenOf(noMoreAtAll)))?.type, null);
    ok(parts.get("text/html")?.includes("Regal &#60;aufbauen&#62; &#38; &#34;streichen&#34;"));
  });
});

Deno.test("a repeated attempt is the same e-mail", async () => {
  await withSmtpServer({}, async (port, taken) => {
    await sendTo(port);
    await sendTo(port, { ...MAIL, attempt: 2 });
    const [first, second] = taken.map((mail) => headersOf(mail).get("message-id"));
    strictEqual(first, second);
  });
});

Deno.test("nothing in an address or a title becomes a second recipient or a header", async () => {
  await withSmtpServer({}, async (port, taken) => {
    const title = "Hallo\r\nBcc: mallory@example.org\r\n\r\nSpam";
    await sendTo(port, { ...MAIL, notifications: [{ ...NOTIFICATION, title }] });
    await sendTo(port, { ...MAIL, to: "alex@example.org, mallory@example.org" });
    ok(taken.every((mail) => !mail.to.includes("mallory@example.org")));
    const [mail] = taken;
    ok(mail);
    strictEqual(headersOf(mail).get("bcc"), undefined);
    strictEqual(headersOf(mail).get("subject"), "Hallo Bcc: mallory@example.org Spam");
  });
});

Deno.test("a login goes over TLS only, from the start or by STARTTLS", async () => {
  const login = { user: "post", pass: "secret" };
  const onAuth: NonNullable<SMTPServerOptions["onAuth"]> = (auth, _session, callback) =>
    auth.password === "secret" ? callback(null, { user: auth.username }) : callback(new Error("wrong password"));
  // The server's certificate is nobody's: both refuse it before the login.
  for (const [security, options] of [
    ["tls", { secure: true }],
    ["starttls", {}],
    // A server, or somebody on the way, that offers no STARTTLS gets no login either.
    ["starttls", { hideSTARTTLS: true, allowInsecureAuth: true }],
  ] as const) {
    let logins = 0;
    const counting: SMTPServerOptions["onAuth"] = (auth, session, callback) => {
      logins += 1;
      onAuth(auth, session, callback);
    };
    await withSmtpServer({ ...options, onAuth: counting }, async (port, taken) => {
      strictEqual((await sendTo(port, MAIL, { security, login })).outcome, "retry");
      strictEqual(taken.length, 0);
      strictEqual(logins, 0);
    });
  }
  await withSmtpServer({ onAuth, allowInsecureAuth: true }, async (port, taken) => {
    strictEqual((await sendTo(port, MAIL, { login })).outcome, "sent");
    strictEqual(taken[0]?.user, "post");
    const wrong = await sendTo(port, MAIL, { login: { ...login, pass: "old" } });
    strictEqual(wrong.outcome, "retry");
    match(wrong.error ?? "", /Invalid login/u);
  });
});

/** An SMTP server's "no". */
const no = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode });

Deno.test("only a final no to this e-mail or recipient ends it", async () => {
  const cases: [what: string, options: SMTPServerOptions, outcome: Outcome["outcome"]][] = [
    ["greylisting", { onRcptTo: (_a, _s, done) => done(no(451, "4.7.1 come back later")) }, "retry"],
    ["unknown mailbox", { onRcptTo: (_a, _s, done) => done(no(550, "5.1.1 no such user")) }, "refused"],
    ["disabled mailbox", { onRcptTo: (_a, _s, done) => done(no(550, "5.2.1 disabled")) }, "refused"],
    ["sender refused late", { onRcptTo: (_a, _s, done) => done(no(550, "5.1.8 bad sender")) }, "rejected"],
    [
      "unknown mailbox, told late",
      { onData: (stream, _s, done) => void stream.resume().on("end", () => done(no(550, "5.1.1 no such user"))) },
      "refused",
    ],
    ["no reason given", { onRcptTo: (_a, _s, done) => done(no(550, "no")) }, "rejected"],
    ["full mailbox", { onRcptTo: (_a, _s, done) => done(no(552, "5.2.2 mailbox full")) }, "rejected"],
    ["relaying denied", { onRcptTo: (_a, _s, done) => done(no(554, "5.7.1 relay access denied")) }, "retry"],
    ["sender refused", { onMailFrom: (_a, _s, done) => done(no(550, "5.1.8 bad sender")) }, "retry"],
    ["no service", { onConnect: (_s, done) => done(no(554, "no service")) }, "retry"],
    [
      "content refused",
      { onData: (stream, _s, done) => void stream.resume().on("end", () => done(no(554, "spam"))) },
      "rejected",
    ],
    [
      "disk full",
      { onData: (stream, _s, done) => void stream.resume().on("end", () => done(no(452, "4.3.1 full"))) },
      "retry",
    ],
  ];
  for (const [what, options, outcome] of cases) {
    await withSmtpServer(options, async (port) => {
      const result = await sendTo(port);
      strictEqual(result.outcome, outcome, `${what}: ${result.error}`);
      ok(result.error !== null && result.error !== "" && !result.error.includes("alex@example.org"), what);
    });
  }
});

Deno.test("a server that hangs, cuts, talks garbage or never ends is tried again later", async () => {
  const write = (connection: Deno.Conn, text: string) => connection.write(new TextEncoder().encode(text));
  const untilClosed = async (connection: Deno.Conn) => {
    const buffer = new Uint8Array(1024);
    while ((await connection.read(buffer)) !== null);
  };
  const dialog = async (connection: Deno.Conn, answers: readonly string[]) => {
    const buffer = new Uint8Array(4096);
    await write(connection, "220 mail.example.org\r\n");
    for (const answer of answers) {
      await connection.read(buffer);
      await write(connection, answer);
    }
  };
  const toData = ["250 mail.example.org\r\n", "250 ok\r\n", "250 ok\r\n", "354 go on\r\n"];
  const cases: [what: string, talk: (connection: Deno.Conn) => Promise<void>][] = [
    ["silence", untilClosed],
    ["closes at once", async () => undefined],
    ["garbage", async (connection) => void (await write(connection, "HTTP/1.1 400 Bad Request\r\n\r\n"))],
    ["binary", async (connection) => void (await connection.write(crypto.getRandomValues(new Uint8Array(500))))],
    [
      "hangs after the recipient",
      (connection) => dialog(connection, toData.slice(0, 2)).then(() => untilClosed(connection)),
    ],
    ["cuts after the e-mail", (connection) => dialog(connection, toData)],
    ["hangs after the e-mail", (connection) => dialog(connection, toData).then(() => untilClosed(connection))],
    [
      "drips",
      async (connection) => {
        await write(connection, "220-");
        for (let count = 0; count < 100; count += 1) {
          await write(connection, "x");
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      },
    ],
  ];
  await Promise.all(
    cases.map(([what, talk]) =>
      withRawServer(talk, async (port) => {
        const { outcome, error } = await sendTo(port, { ...MAIL, time_limit_ms: 400 });
        strictEqual(outcome, "retry", what);
        ok(error !== null && error !== "", what);
      }),
    ),
  );
});

Deno.test("nobody listens, or there is no such host", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  strictEqual((await sendTo(port)).outcome, "retry");
  strictEqual((await sendTo(port, MAIL, { host: "mail.invalid" })).outcome, "retry");
});

Deno.test("an address that is not confirmed gets nothing", async () => {
  await withSmtpServer({}, async (port, taken) => {
    strictEqual((await sendTo(port, { ...MAIL, to: null })).outcome, "rejected");
    strictEqual(taken.length, 0);
  });
});

Deno.test("e-mails one after the other share connections", async () => {
  let open = 0;
  let most = 0;
  let connections = 0;
  const options: SMTPServerOptions = {
    onConnect(_session, done) {
      connections += 1;
      open += 1;
      most = Math.max(most, open);
      done();
    },
    onClose: () => {
      open -= 1;
    },
  };
  await withSmtpServer(options, async (port, taken) => {
    const mailer = createMailer({ smtp: plain(port), addresses: ADDRESSES, tokens });
    const queue = Array.from({ length: 40 }, (_, id) => id).values();
    const outcomes: Outcome[] = [];
    const lines = Array.from({ length: 8 }, async () => {
      for (const id of queue) outcomes.push(await mailer.send({ ...MAIL, id }));
    });
    await Promise.all(lines);
    mailer.close();
    ok(outcomes.every(({ outcome }) => outcome === "sent"));
    strictEqual(taken.length, 40);
    strictEqual(most, 8);
    strictEqual(connections, 8);
  });
});

Deno.test("a connection that hangs is left alone: the next e-mail has another", async () => {
  const options: SMTPServerOptions = {
    onRcptTo({ address }, _session, done) {
      if (address !== "slow@example.org") done();
    },
  };
  await withSmtpServer(options, async (port, taken) => {
    const mailer = createMailer({ smtp: plain(port), addresses: ADDRESSES, tokens });
    const late = await mailer.send({ ...MAIL, to: "slow@example.org", time_limit_ms: 100 });
    deepStrictEqual(late, { outcome: "retry", error: "no answer in time" });
    deepStrictEqual(await mailer.send(MAIL), { outcome: "sent", error: null });
    mailer.close();
    strictEqual(taken.length, 1);
  });
});

Deno.test("the settings are read, and what is wrong with them is told", () => {
  const read = (variables: Record<string, string>) => readSmtpSettings((name) => variables[name]);
  strictEqual(read({}), undefined);
  const good = { SMTP_HOST: "mail.example.org", SMTP_FROM: "Nachbarschaft <post@example.org>" };
  deepStrictEqual(read(good), {
    host: "mail.example.org",
    port: 465,
    security: "tls",
    login: undefined,
    from: { name: "Nachbarschaft", address: "post@example.org" },
  });
  deepStrictEqual(
    read({ ...good, SMTP_PORT: "2587", SMTP_SECURITY: "starttls", SMTP_USER: "u", SMTP_PASSWORD: "p" })?.login,
    { user: "u", pass: "p" },
  );
  strictEqual(read({ ...good, SMTP_FROM: "post@example.org" })?.from.address, "post@example.org");
  for (const [wrong, message] of [
    [{ SMTP_FROM: "" }, /SMTP_FROM/u],
    [{ SMTP_FROM: "post" }, /SMTP_FROM/u],
    [{ SMTP_FROM: "a@example.org, b@example.org" }, /SMTP_FROM/u],
    [{ SMTP_PORT: "smtp" }, /SMTP_PORT/u],
    [{ SMTP_PORT: "70000" }, /SMTP_PORT/u],
    [{ SMTP_SECURITY: "ssl" }, /SMTP_SECURITY/u],
    [{ SMTP_SECURITY: "none" }, /this machine only/u],
    [{ SMTP_USER: "u" }, /SMTP_PASSWORD/u],
  ] as const) {
    throws(() => read({ ...good, ...wrong }), message);
  }
});
