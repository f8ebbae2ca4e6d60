import { deepStrictEqual, match, rejects } from "node:assert/strict";
import { generateVAPIDKeys } from "web-push";
import { openChannels } from "./channels.ts";
import { SIGNING_KEY } from "./test-scene.ts";

const { publicKey, privateKey } = generateVAPIDKeys();
const EMAIL = {
  APP_URL: "https://app.example.org/",
  NOTIFICATION_SIGNING_KEY: SIGNING_KEY,
  SMTP_HOST: "mail.example.org",
  SMTP_FROM: "post@example.org",
};
const WEB_PUSH = {
  APP_URL: "https://app.example.org",
  VAPID_SUBJECT: "mailto:post@example.org",
  VAPID_PUBLIC_KEY: publicKey,
  VAPID_PRIVATE_KEY: privateKey,
};

async function open(variables: Record<string, string>) {
  const lines: string[] = [];
  const channels = await openChannels((name) => variables[name], {
    projectUrl: "https://project.example.org",
    outbound: { post: () => Promise.reject(new Error("not now")) },
    log: (level, text) => lines.push(`${level} ${text}`),
  });
  return { channels: Object.keys(channels), lines };
}

Deno.test("a channel without settings is left out, which is told", async () => {
  const none = await open({});
  deepStrictEqual(none.channels, []);
  match(none.lines.join("; "), /warn e-mails wait.*SMTP_HOST.*warn push messages wait.*VAPID_PUBLIC_KEY/u);
  deepStrictEqual((await open(EMAIL)).channels, ["email"]);
  deepStrictEqual((await open(WEB_PUSH)).channels, ["web_push"]);
  deepStrictEqual(await open({ ...EMAIL, ...WEB_PUSH }), { channels: ["email", "web_push"], lines: [] });
});

Deno.test("half a setup is refused", async () => {
  await rejects(open({ ...EMAIL, NOTIFICATION_SIGNING_KEY: "" }), /NOTIFICATION_SIGNING_KEY/u);
  await rejects(open({ ...EMAIL, APP_URL: "" }), /APP_URL is not set/u);
  await rejects(open({ ...WEB_PUSH, APP_URL: "javascript:alert(1)" }), /APP_URL must begin/u);
});
