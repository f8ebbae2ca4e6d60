// Needs --allow-net: everything here talks to real servers on loopback addresses.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createOutbound, type OutboundOptions, type OutboundRequest, type OutboundResult } from "./outbound.ts";

const KIB = 1024;
/** For hooks.example.com, made for these tests and worth nothing elsewhere. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBqTCCAVCgAwIBAgIULRB94k6XEoVfgicr3EQY2LDvCEkwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRaG9va3MuZXhhbXBsZS5jb20wIBcNMjYxMTIxMTEyMTIzWhgP
MjEyNjEwMjgxMTIxMjNaMBwxGjAYBgNVBAMMEWhvb2tzLmV4YW1wbGUuY29tMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAETr87O523iwHPRybekjLdw/tLjGZ4iE+y
Vx3daKoY7VjODKwJiwwNPnVVvOI70ww98WUDf56pXryOTiU/I5KH96NuMGwwHQYD
VR0OBBYEFPLKqo3v21YGS6RDGo0VOX2k/+WFMB8GA1UdIwQYMBaAFPLKqo3v21YG
S6RDGo0VOX2k/+WFMAwGA1UdEwEB/wQCMAAwHAYDVR0RBBUwE4IRaG9va3MuZXhh
bXBsZS5jb20wCgYIKoZIzj0EAwIDRwAwRAIgGdY++K+rQLxab3DrcJq2hEH4LkPE
Ox+na2A3Che+vwwCICEpWHtX8dp7VdWgZvwegsVyPczLVKQxzJ8+q67ytLw/
-----END CERTIFICATE-----
`;
const PRIVATE_KEY = [
  "-----BEGIN ",
  "PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg6pc9qZWR8x9tmNg+\nzXuWBTnlPNsLNwxDhLscRL6ru2ihRANCAAROvzs7nbeLAc9HJt6SMt3D+0uMZniI\nT7JXHd1oqhjtWM4MrAmLDA0+dVW84jvTDD3xZQN/nqlevI5OJT8jkof3\n-----END ",
  "PRIVATE KEY-----\n",
].join("");

const development = (options: Partial<OutboundOptions> = {}) => createOutbound({ allowLoopback: true, ...options });
const production = (...addresses: string[]) =>
  createOutbound({ allowLoopback: false, resolve: () => Promise.resolve(addresses) });
const request = (url: string, overrides: Partial<OutboundRequest> = {}): OutboundRequest => ({
  url,
  headers: { "content-type": "application/json" },
  body: '{"note":"schön"}',
  ...overrides,
});
const textOf = (lines: readonly string[]) => `${lines.join("\r\n")}\r\n`;

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It was closed already.
  }
}

/** A server that speaks bytes instead of HTTP; `talk` gets the connection after the request's head arrived. */
async function withRawServer(
  talk: (connection: Deno.Conn, write: (text: string) => Promise<void>) => Promise<void>,
  use: (url: string, accepted: () => number) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: Deno.Conn[] = [];
  const conversations: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const connection of listener) {
      const write = async (text: string) => void (await connection.write(new TextEncoder().encode(text)));
      const conversation = async () => {
        try {
          await connection.read(new Uint8Array(KIB));
          await talk(connection, write);
          connection.close();
        } catch {
          // Either side closed first, as some of the tests want.
        }
      };
      connections.push(connection);
      conversations.push(conversation());
    }
  })();
  try {
    await use(`http://127.0.0.1:${listener.addr.port}/hook`, () => conversations.length);
  } finally {
    listener.close();
    await accepting;
    for (const connection of connections) closeQuietly(connection);
    await Promise.all(conversations);
  }
}

/** What a server that answers these bytes and closes leads to. */
async function answerTo(bytes: string, overrides: Partial<OutboundRequest> = {}): Promise<OutboundResult> {
  let result: OutboundResult | undefined;
  await withRawServer(
    (_connection, write) => write(bytes),
    async (url) => {
      result = await development().post(request(url, overrides));
    },
  );
  if (result === undefined) throw new Error("no result");
  return result;
}

function answered(result: OutboundResult): OutboundResult & { kind: "answered" } {
  if (result.kind !== "answered") throw new Error(`${result.kind}: ${result.reason}`);
  return result;
}

async function withHttpsServer(handler: Deno.ServeHandler, use: (port: number) => Promise<void>): Promise<void> {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert: CERTIFICATE, key: PRIVATE_KEY, onListen: () => undefined },
    handler,
  );
  try {
    await use(server.addr.port);
  } finally {
    await server.shutdown();
  }
}

// --- Which addresses -------------------------------------------------------------------------------------------------

const REFUSED_URLS: readonly (readonly [url: string, reason: RegExp])[] = [
  ["http://hooks.example.com/", /https/],
  ["ftp://hooks.example.com/", /https/],
  ["file:///etc/passwd", /https/],
  ["gopher://hooks.example.com/", /https/],
  ["javascript:alert(1)", /https/],
  ["hooks.example.com", /https/],
  ["", /https/],
  ["https:hooks.example.com", /https/],
  ["https:/hooks.example.com", /https/],
  ["https:\\\\hooks.example.com\\", /https/],
  ["https://hooks.example.com\\@127.0.0.1/", /https/],
  [" https://hooks.example.com/", /https/],
  ["https://hooks.example.com/\r\nX-Injected: 1", /https/],
  ["https://hooks.exa\tmple.com/", /https/],
  ["https://", /https/],
  [`https://hooks.example.com/${"a".repeat(2_000)}`, /https/],
  ["https://user@hooks.example.com/", /user name/],
  ["https://user:password@hooks.example.com/", /user name/],
  ["https://@hooks.example.com/", /user name/],
  ["https://:@hooks.example.com/", /user name/],
  ["https://hooks.example.com/#", /fragment/],
  ["https://hooks.example.com/#part", /fragment/],
  ["https://hooks.example.com:22/", /port/],
  ["https://hooks.example.com:80/", /port/],
  ["https://hooks.example.com:1023/", /port/],
  ["https://hooks.example.com:0/", /port/],
  ["https://hooks.example.com:65536/", /https/],
  ["https://localhost/", /not public/],
  ["https://LOCALHOST/", /not public/],
  ["https://localhost./", /not public/],
  ["https://hooks.localhost/", /not public/],
  ["https://printer.local/", /not public/],
  ["https://metadata.google.internal/", /not public/],
  ["https://metadata/", /not public/],
  ["https://kong:8000/", /not public/],
  ["https://router.lan/", /not public/],
  ["https://nas.home.arpa/", /not public/],
  ["https://wiki.corp/", /not public/],
  ["https://hooks.example.com./", /not public/],
  ["https://0.0.0.0/", /not public/],
  ["https://0.1.2.3/", /not public/],
  ["https://10.0.0.1/", /not public/],
  ["https://100.64.0.1/", /not public/],
  ["https://100.100.100.200/", /not public/],
  ["https://127.0.0.1/", /not public/],
  ["https://127.255.255.254/", /not public/],
  ["https://168.63.129.16/", /not public/],
  ["https://169.254.0.1/", /not public/],
  ["https://169.254.169.254/latest/meta-data/", /not public/],
  ["https://172.16.0.1/", /not public/],
  ["https://172.31.255.255/", /not public/],
  ["https://192.0.0.192/", /not public/],
  ["https://192.0.2.1/", /not public/],
  ["https://192.168.1.1/", /not public/],
  ["https://198.18.0.1/", /not public/],
  ["https://198.51.100.1/", /not public/],
  ["https://203.0.113.1/", /not public/],
  ["https://224.0.0.1/", /not public/],
  ["https://240.0.0.1/", /not public/],
  ["https://255.255.255.255/", /not public/],
  ["https://2130706433/", /not public|decimal/],
  ["https://134744072/", /decimal/],
  ["https://0x08080808/", /decimal/],
  ["https://0x8.8.8.8/", /decimal/],
  ["https://010.8.8.8/", /decimal/],
  ["https://8.8.2056/", /decimal/],
  ["https://8.8.8.8./", /decimal/],
  ["https://%38.8.8.8/", /decimal/],
  ["https://８.８.８.８/", /decimal/],
  ["https://127。0。0。1/", /decimal/],
  ["https://[::]/", /not public/],
  ["https://[::1]/", /not public/],
  ["https://[::127.0.0.1]/", /not public/],
  ["https://[::8.8.8.8]/", /not public/],
  ["https://[::ffff:127.0.0.1]/", /not public/],
  ["https://[::ffff:8.8.8.8]/", /not public/],
  ["https://[::ffff:0:127.0.0.1]/", /not public/],
  ["https://[64:ff9b::169.254.169.254]/", /not public/],
  ["https://[64:ff9b:1::10.0.0.1]/", /not public/],
  ["https://[100::1]/", /not public/],
  ["https://[2001::1]/", /not public/],
  ["https://[2001:db8::1]/", /not public/],
  ["https://[2002:7f00:1::]/", /not public/],
  ["https://[2002:a9fe:a9fe::]/", /not public/],
  ["https://[3fff::1]/", /not public/],
  ["https://[4000::1]/", /not public/],
  ["https://[5f00::1]/", /not public/],
  ["https://[fc00::1]/", /not public/],
  ["https://[fd00:ec2::254]/", /not public/],
  ["https://[fe80::1]/", /not public/],
  ["https://[fe80::1%25eth0]/", /https/],
  ["https://[fec0::1]/", /not public/],
  ["https://[ff02::1]/", /not public/],
];

for (const [url, reason] of REFUSED_URLS) {
  Deno.test(`refused, at registration and when called: ${JSON.stringify(url.slice(0, 60))}`, async () => {
    const outbound = production("93.184.215.14");
    match((await outbound.check(url)) ?? "allowed", reason);
    const result = await outbound.post(request(url));
    strictEqual(result.kind, "not_sent");
    match(result.reason, reason);
  });
}

for (const url of [
  "https://hooks.example.com",
  "https://hooks.example.com/path?query=1",
  "https://HOOKS.example.com:443/",
  "https://hooks.example.com:1024/",
  "https://hooks.example.com:8443/",
  "https://bücher.example/",
  "https://local.example.com/",
  "https://8.8.8.8/",
  "https://[2606:4700:4700::1111]/",
]) {
  Deno.test(`allowed: ${url}`, async () => {
    strictEqual(await production("93.184.215.14", "2606:4700:4700::1111").check(url), undefined);
  });
}

Deno.test("every address of a name must be public", async () => {
  for (const inner of ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.1", "nonsense"]) {
    const outbound = production("93.184.215.14", inner);
    strictEqual(await outbound.check("https://hooks.example.com/"), "the address is not public", inner);
    deepStrictEqual(await outbound.post(request("https://hooks.example.com/")), {
      kind: "not_sent",
      reason: "the address is not public",
    });
  }
});

Deno.test("a name without an address is refused, and nothing about the resolver is told", async () => {
  const failing = createOutbound({
    allowLoopback: false,
    resolve: () => Promise.reject(new Error("dns server 10.0.0.2 refused")),
  });
  strictEqual(await failing.check("https://hooks.example.com/"), "host name not found");
  strictEqual(await production().check("https://hooks.example.com/"), "host name not found");
});

Deno.test("in development loopback is allowed, by http, too, and nothing else that is private", async () => {
  for (const url of ["http://127.0.0.1:3000/", "http://[::1]:3000/", "https://127.0.0.1:3000/"]) {
    strictEqual(await development().check(url), undefined, url);
  }
  const loopback = development({ resolve: () => Promise.resolve(["127.0.0.1", "::1"]) });
  strictEqual(await loopback.check("http://localhost:3000/"), undefined);
  for (const url of ["https://10.0.0.1/", "https://169.254.169.254/", "https://[fd00:ec2::254]/", "https://0.0.0.0/"]) {
    strictEqual(await development().check(url), "the address is not public", url);
  }
  const mixed = development({ resolve: () => Promise.resolve(["127.0.0.1", "93.184.215.14"]) });
  strictEqual(await mixed.check("https://hooks.example.com/"), "the address is not public");
  const outside = development({ resolve: () => Promise.resolve(["93.184.215.14"]) });
  strictEqual(await outside.check("http://hooks.example.com/"), "the address must begin with https://");
});

// --- DNS rebinding ---------------------------------------------------------------------------------------------------

Deno.test("a name that was public at registration and is inside now is refused", async () => {
  await withHttpsServer(
    () => new Response("inside"),
    async (port) => {
      const answers = [["93.184.215.14"], ["127.0.0.1"]];
      const outbound = createOutbound({
        allowLoopback: false,
        authorities: [CERTIFICATE],
        resolve: () => Promise.resolve(answers.shift() ?? ["127.0.0.1"]),
      });
      const url = `https://hooks.example.com:${port}/`;
      strictEqual(await outbound.check(url), undefined);
      deepStrictEqual(await outbound.post(request(url)), { kind: "not_sent", reason: "the address is not public" });
    },
  );
});

Deno.test("a name is resolved once per request, and the connection goes to that address", async () => {
  await withHttpsServer(
    () => new Response("the checked one"),
    async (port) => {
      const answers = [["127.0.0.1"]];
      const outbound = development({
        authorities: [CERTIFICATE],
        // A second question would be answered with an address where nobody listens.
        resolve: () => Promise.resolve(answers.shift() ?? ["127.0.0.9"]),
      });
      const result = answered(await outbound.post(request(`https://hooks.example.com:${port}/`)));
      strictEqual(result.body, "the checked one");
    },
  );
});

Deno.test("where the first address takes no connection, the next checked one is used", async () => {
  await withHttpsServer(
    () => new Response("second"),
    async (port) => {
      const outbound = development({
        authorities: [CERTIFICATE],
        resolve: () => Promise.resolve(["127.0.0.9", "127.0.0.1"]),
      });
      strictEqual(answered(await outbound.post(request(`https://hooks.example.com:${port}/`))).body, "second");
    },
  );
});

// --- TLS -------------------------------------------------------------------------------------------------------------

Deno.test("what arrives is what was sent, with the host's own name", async () => {
  await withHttpsServer(
    async (received) =>
      Response.json({
        method: received.method,
        path: received.url.slice(new URL(received.url).origin.length),
        headers: Object.fromEntries(received.headers),
        body: await received.text(),
      }),
    async (port) => {
      const outbound = development({ authorities: [CERTIFICATE], resolve: () => Promise.resolve(["127.0.0.1"]) });
      const sent = request(`https://hooks.example.com:${port}/hook/ü?a=b%20c`, {
        headers: {
          "content-type": "application/json",
          "webhook-id": "msg_1",
          host: "elsewhere",
          "content-length": "1",
        },
      });
      const result = answered(await outbound.post(sent));
      strictEqual(result.status, 200);
      strictEqual(result.headers.get("content-type"), "application/json");
      deepStrictEqual(JSON.parse(result.body), {
        method: "POST",
        path: "/hook/%C3%BC?a=b%20c",
        headers: {
          "accept-encoding": "identity",
          connection: "close",
          "content-length": "17",
          "content-type": "application/json",
          host: `hooks.example.com:${port}`,
          "user-agent": "neighbourhood-help/1",
          "webhook-id": "msg_1",
        },
        body: sent.body,
      });
    },
  );
});

Deno.test("a certificate for another name, or from nobody we trust, ends it before anything is sent", async () => {
  let requests = 0;
  await withHttpsServer(
    () => {
      requests += 1;
      return new Response();
    },
    async (port) => {
      const resolve = () => Promise.resolve(["127.0.0.1"]);
      for (const [name, authorities] of [
        ["other.example.com", [CERTIFICATE]],
        ["hooks.example.com", []],
      ] as const) {
        const result = await development({ resolve, authorities }).post(request(`https://${name}:${port}/`));
        strictEqual(result.kind, "not_sent");
        match(result.reason, /TLS/);
      }
    },
  );
  strictEqual(requests, 0);
});

Deno.test("a server that does not speak TLS gets no request", async () => {
  await withRawServer(
    (_connection, write) => write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
    async (url) => {
      const result = await development().post(request(url.replace("http:", "https:")));
      strictEqual(result.kind, "not_sent");
      match(result.reason, /TLS/);
    },
  );
});

// --- Trouble ---------------------------------------------------------------------------------------------------------

Deno.test("a redirect is an answer and is not followed, wherever it leads", async () => {
  await withRawServer(
    (_connection, write) =>
      write(textOf(["HTTP/1.1 307 Go on", "location: http://169.254.169.254/latest/", "content-length: 0", ""])),
    async (url, accepted) => {
      const result = answered(await development().post(request(url)));
      strictEqual(result.status, 307);
      strictEqual(result.headers.get("location"), "http://169.254.169.254/latest/");
      strictEqual(accepted(), 1);
    },
  );
});

Deno.test("a refused connection means nothing was sent", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  deepStrictEqual(await development().post(request(`http://127.0.0.1:${listener.addr.port}/`)), {
    kind: "not_sent",
    reason: "connection refused",
  });
});

Deno.test("a line break in a header is refused, not sent", async () => {
  const result = await development().post(
    request("http://127.0.0.1:9/", { headers: { "x-note": "a\r\nx-forged: b" } }),
  );
  strictEqual(result.kind, "not_sent");
});

Deno.test("slow DNS and a slow handshake end in time, with nothing sent", async () => {
  const hanging = development({ resolve: () => new Promise(() => undefined) });
  const slowDns = await hanging.post(request("https://hooks.example.com/", { timeoutMs: 50 }));
  deepStrictEqual(slowDns, { kind: "not_sent", reason: "no connection in time" });

  await withRawServer(
    async (connection) => {
      while ((await connection.read(new Uint8Array(KIB))) !== null);
    },
    async (url) => {
      const result = await development().post(request(url.replace("http:", "https:"), { timeoutMs: 100 }));
      deepStrictEqual(result, { kind: "not_sent", reason: "no connection in time" });
    },
  );
});

Deno.test("slow headers and a slow body end in time, with an unknown outcome", async () => {
  for (const beginning of ["", "HTTP/1.1 200 OK\r\nx-", "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n"]) {
    const started = performance.now();
    await withRawServer(
      async (_connection, write) => {
        if (beginning !== "") await write(beginning);
        // A byte now and then keeps every limit on silence from ending it.
        for (let count = 0; count < 200; count += 1) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          await write("a");
        }
      },
      async (url) => {
        const result = await development().post(request(url, { timeoutMs: 150 }));
        deepStrictEqual(result, { kind: "unknown", reason: "no answer in time" });
      },
    );
    ok(performance.now() - started < 2_000);
  }
});

Deno.test("a connection that is lost after sending means an unknown outcome", async () => {
  for (const bytes of [
    "",
    "HTTP/1.1 200",
    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n1234",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n1234",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n1234\r\n",
  ]) {
    const result = await answerTo(bytes);
    strictEqual(result.kind, "unknown", bytes);
    match(result.reason, /connection/);
  }
});

Deno.test("what is not HTTP means an unknown outcome", async () => {
  for (const bytes of [
    "SSH-2.0-OpenSSH_9.9\r\n",
    "HTTP/2 200\r\n\r\n",
    "HTTP/1.1 999 No\r\n\r\n",
    "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    "HTTP/1.1 200 OK\r\nbad name: 1\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nab",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nabc\r\n",
    `HTTP/1.1 200 ${"a".repeat(9 * KIB)}\r\n\r\n`,
    `HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(300)}\r\n`,
    `${"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(10)}HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n`,
  ]) {
    strictEqual((await answerTo(bytes)).kind, "unknown", bytes.slice(0, 60));
  }
});

Deno.test("every way to end a body is understood", async () => {
  for (const [bytes, body] of [
    ["HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nschönX", "schön"],
    ["HTTP/1.0 200 OK\nContent-Type: text/plain\n\nuntil the end", "until the end"],
    [
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nx-trailer: 1\r\n\r\n",
      "abcde",
    ],
    ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na", "a"],
    ["HTTP/1.1 204 No Content\r\n\r\nignored", ""],
    ["HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n", ""],
  ] as const) {
    const result = answered(await answerTo(bytes));
    strictEqual(result.body, body, bytes);
    strictEqual(result.isCut, false);
  }
});

Deno.test("an answer longer than the limit is cut, one that just fits is not", async () => {
  const head = (length: number) => `HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n`;
  const fitting = answered(await answerTo(`${head(10)}${"a".repeat(10)}`, { maxBytes: 10 }));
  deepStrictEqual([fitting.body, fitting.isCut], ["a".repeat(10), false]);
  const long = answered(await answerTo(`${head(11)}${"a".repeat(11)}`, { maxBytes: 10 }));
  deepStrictEqual([long.body, long.isCut], ["a".repeat(10), true]);
  const byDefault = answered(await answerTo(`${head(70 * KIB)}${"a".repeat(70 * KIB)}`));
  deepStrictEqual([byDefault.body.length, byDefault.isCut], [64 * KIB, true]);
});

Deno.test("of a body of 1 GB only the beginning is read", async () => {
  const part = new Uint8Array(64 * KIB).fill(97);
  const total = KIB * KIB * KIB;
  for (const head of [
    `HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`,
    "HTTP/1.1 200 OK\r\n\r\n",
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${total.toString(16)}\r\n`,
  ]) {
    let written = 0;
    await withRawServer(
      async (connection, write) => {
        await write(head);
        while (written < total) written += await connection.write(part);
      },
      async (url) => {
        const result = answered(await development().post(request(url)));
        deepStrictEqual([result.status, result.body.length, result.isCut], [200, 64 * KIB, true]);
      },
    );
    // What the sockets' buffers took, until the connection was closed.
    ok(written < 64 * KIB * KIB, `${written} bytes were taken`);
  }
});

Deno.test("of an endless body over TLS only the beginning is read", async () => {
  const part = new Uint8Array(64 * KIB).fill(97);
  let parts = 0;
  const ended = Promise.withResolvers<void>();
  const endless = () =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => {
        parts += 1;
        controller.enqueue(part);
      },
      cancel: () => ended.resolve(),
    });
  await withHttpsServer(
    () => new Response(endless()),
    async (port) => {
      const outbound = development({ authorities: [CERTIFICATE], resolve: () => Promise.resolve(["127.0.0.1"]) });
      const result = answered(await outbound.post(request(`https://hooks.example.com:${port}/`)));
      deepStrictEqual([result.body.length, result.isCut], [64 * KIB, true]);
      await ended.promise;
    },
  );
  ok(parts < KIB, `${parts} parts were taken`);
});

Deno.test("an answer that comes before the request was read counts", async () => {
  await withRawServer(
    (_connection, write) => write("HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig"),
    async (url) => {
      const result = await development().post(request(url, { body: "x".repeat(200) }));
      deepStrictEqual([answered(result).status, answered(result).body], [413, "big"]);
    },
  );
});

Deno.test("many requests run side by side", async () => {
  await withRawServer(
    async (_connection, write) => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      await write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    },
    async (url) => {
      const started = performance.now();
      const results = await Promise.all(Array.from({ length: 32 }, () => development().post(request(url))));
      ok(results.every((result) => answered(result).body === "ok"));
      ok(performance.now() - started < 3_000);
    },
  );
});

Deno.test("bytes are sent as they are", async () => {
  const bytes = new Uint8Array([0, 255, 10, 13, 128]);
  let received: Uint8Array | undefined;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => undefined }, async (incoming) => {
    received = await incoming.bytes();
    return new Response();
  });
  try {
    await development().post(request(`http://127.0.0.1:${server.addr.port}/`, { body: bytes }));
  } finally {
    await server.shutdown();
  }
  deepStrictEqual(received, bytes);
});
