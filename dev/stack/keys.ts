import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { StackError } from "./stack-error.ts";

const keysSchema = z.object({
  jwtSecret: z.string().min(32),
  publishableKey: z.string().startsWith("sb_publishable_"),
  secretKey: z.string().startsWith("sb_secret_"),
  databasePassword: z.string().min(16),
  /** `SEALING_KEYS` of the functions: what codes and webhook secrets are encrypted with. */
  sealingKeys: z.string().regex(/^[\w-]{1,32}:[\w-]{43}(,[\w-]{1,32}:[\w-]{43})*$/),
  /** `CODE_INDEX_KEY` of the functions: what codes are looked up by. */
  codeIndexKey: z.string().regex(/^[\w-]{43}$/),
});

/** The secrets of one local stack. */
export type StackKeys = z.infer<typeof keysSchema>;

/** The secrets that functions need besides the platform's. */
export type FunctionKeys = Pick<StackKeys, "sealingKeys" | "codeIndexKey">;

/** Files written before there were redemptions lack the functions' keys. */
const storedSchema = keysSchema.partial({ sealingKeys: true, codeIndexKey: true });

/** Invents a set of keys. */
export function generateKeys(): StackKeys {
  return {
    jwtSecret: random(48),
    publishableKey: `sb_publishable_${random(24)}`,
    secretKey: `sb_secret_${random(24)}`,
    databasePassword: random(18),
    ...generateFunctionKeys(),
  };
}

/** Invents the keys that functions seal and find codes with. */
export function generateFunctionKeys(): FunctionKeys {
  return { sealingKeys: generateSealingKey(), codeIndexKey: random(32) };
}

/** Invents one `id:key` pair of `SEALING_KEYS`. */
export function generateSealingKey(): string {
  return `${randomBytes(4).toString("hex")}:${random(32)}`;
}

/** Reads the keys of this machine, or writes new ones at the first start; only the owner may read the file. */
export function loadKeys(file: string): StackKeys {
  if (!existsSync(file)) return writeKeys(file, generateKeys());
  const stored = storedSchema.safeParse(parseJson(readFileSync(file, "utf8")));
  if (!stored.success) throw new StackError(`${file} is damaged: delete it and run npm start -- --fresh`);
  const { sealingKeys, codeIndexKey } = stored.data;
  if (sealingKeys !== undefined && codeIndexKey !== undefined) return { ...stored.data, sealingKeys, codeIndexKey };
  const fresh = generateFunctionKeys();
  return writeKeys(file, {
    ...stored.data,
    sealingKeys: sealingKeys ?? fresh.sealingKeys,
    codeIndexKey: codeIndexKey ?? fresh.codeIndexKey,
  });
}

function writeKeys(file: string, keys: StackKeys): StackKeys {
  mkdirSync(dirname(file), { recursive: true });
  // The rename is atomic: a process that dies while it writes leaves the old keys.
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, file);
  return keys;
}

function random(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // reported as a damaged file by the caller
  }
}
