import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { StackError } from "./stack-error.ts";

const keysSchema = z.object({
  jwtSecret: z.string().min(32),
  publishableKey: z.string().startsWith("sb_publishable_"),
  secretKey: z.string().startsWith("sb_secret_"),
  databasePassword: z.string().min(16),
});

/** The secrets of one local stack. */
export type StackKeys = z.infer<typeof keysSchema>;

/** Invents a set of keys. */
export function generateKeys(): StackKeys {
  const random = (bytes: number) => randomBytes(bytes).toString("base64url");
  return {
    jwtSecret: random(48),
    publishableKey: `sb_publishable_${random(24)}`,
    secretKey: `sb_secret_${random(24)}`,
    databasePassword: random(18),
  };
}

/** Reads the keys of this machine, or writes new ones at the first start; only the owner may read the file. */
export function loadKeys(file: string): StackKeys {
  if (existsSync(file)) {
    const parsed = keysSchema.safeParse(parseJson(readFileSync(file, "utf8")));
    if (!parsed.success) throw new StackError(`${file} is damaged: delete it and run npm start -- --fresh`);
    return parsed.data;
  }
  const keys = generateKeys();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  return keys;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // reported as a damaged file by the caller
  }
}
