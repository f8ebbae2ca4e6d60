import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadKeys } from "../../dev/stack/keys.ts";
import { createSealer } from "../../supabase/functions/_shared/sealing.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

const permissions = (file: string) => statSync(file).mode & 0o777;

it("gives keys from before redemptions the functions' keys and keeps the others", () => {
  const file = join(temporaryDirectory(), "keys.json");
  const { sealingKeys, codeIndexKey, ...older } = loadKeys(file);
  writeFileSync(file, JSON.stringify(older));

  const completed = loadKeys(file);
  expect(completed).toMatchObject(older);
  expect(completed.sealingKeys).not.toBe(sealingKeys);
  expect(completed.codeIndexKey).not.toBe(codeIndexKey);
  expect(loadKeys(file)).toEqual(completed);
  expect(permissions(file)).toBe(0o600);
});

it("makes keys that functions can use", async () => {
  const { sealingKeys, codeIndexKey } = loadKeys(join(temporaryDirectory(), "keys.json"));
  const environment: Record<string, string> = { SEALING_KEYS: sealingKeys, CODE_INDEX_KEY: codeIndexKey };
  const sealer = await createSealer((name) => environment[name]);
  expect(await sealer.open("code", await sealer.seal("code", "text"))).toBe("text");
});

it("refuses a damaged file and leaves it as it is", () => {
  const file = join(temporaryDirectory(), "keys.json");
  writeFileSync(file, JSON.stringify({ ...loadKeys(file), jwtSecret: "short" }));
  const before = readFileSync(file, "utf8");
  expect(() => loadKeys(file)).toThrow("is damaged");
  expect(readFileSync(file, "utf8")).toBe(before);
});
