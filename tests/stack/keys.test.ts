import { createECDH, randomUUID } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import webpush from "web-push";
import { loadKeys } from "../../dev/stack/keys.ts";
import { createSealer } from "../../supabase/functions/_shared/sealing.ts";
import { createUnsubscribeTokens } from "../../supabase/functions/_shared/unsubscribe-tokens.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

const permissions = (file: string) => statSync(file).mode & 0o777;

it("gives older files the keys that they lack and keeps the others", () => {
  const file = join(temporaryDirectory(), "keys.json");
  const { signingKey, sealingKeys, codeIndexKey, notificationSigningKey, vapidKeys, ...older } = loadKeys(file);
  writeFileSync(file, JSON.stringify(older));

  const completed = loadKeys(file);
  expect(completed).toMatchObject(older);
  expect(completed.signingKey).not.toEqual(signingKey);
  expect(completed.sealingKeys).not.toBe(sealingKeys);
  expect(completed.codeIndexKey).not.toBe(codeIndexKey);
  expect(completed.notificationSigningKey).not.toBe(notificationSigningKey);
  expect(completed.vapidKeys).not.toEqual(vapidKeys);
  expect(loadKeys(file)).toEqual(completed);
  expect(permissions(file)).toBe(0o600);
});

it("makes keys that functions can use", async () => {
  const { sealingKeys, codeIndexKey } = loadKeys(join(temporaryDirectory(), "keys.json"));
  const environment: Record<string, string> = { SEALING_KEYS: sealingKeys, CODE_INDEX_KEY: codeIndexKey };
  const sealer = await createSealer((name) => environment[name]);
  expect(await sealer.open("code", await sealer.seal("code", "text"))).toBe("text");
});

it("makes keys that push services and unsubscribe links can use", async () => {
  const { vapidKeys, notificationSigningKey } = loadKeys(join(temporaryDirectory(), "keys.json"));
  const { publicKey, privateKey } = vapidKeys;
  const headers = webpush.getVapidHeaders("https://push.test", "mailto:a@b.test", publicKey, privateKey, "aes128gcm");
  expect(headers.Authorization).toContain(publicKey);
  const pair = createECDH("prime256v1");
  pair.setPrivateKey(privateKey, "base64url");
  expect(pair.getPublicKey("base64url")).toBe(publicKey);
  const tokens = await createUnsubscribeTokens(() => notificationSigningKey);
  const target = { userId: randomUUID(), channel: "email", type: null } as const;
  expect(await tokens.read(await tokens.sign(target))).toEqual(target);
});

it("refuses a damaged file and leaves it as it is", () => {
  const file = join(temporaryDirectory(), "keys.json");
  writeFileSync(file, JSON.stringify({ ...loadKeys(file), jwtSecret: "short" }));
  const before = readFileSync(file, "utf8");
  expect(() => loadKeys(file)).toThrow("is damaged");
  expect(readFileSync(file, "utf8")).toBe(before);
});
