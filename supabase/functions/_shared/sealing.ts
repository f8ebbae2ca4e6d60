/**
 * Keeps codes and webhook secrets from whoever can read the database: it holds them only encrypted, and finds a code by a
 * keyed hash. The keys are in the functions' environment.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** What a sealed text is. One is never opened as the other. */
export type SealedPurpose = "code" | "secret";

/** Encrypts, decrypts and hashes with the keys of the project. */
export interface Sealer {
  /** Encrypts: `<key id>.<nonce>.<ciphertext>`, the latter two as base64url. */
  seal(purpose: SealedPurpose, text: string): Promise<string>;
  /**
   * Decrypts.
   *
   * @throws Error when the key is unknown, the text was changed, or it was sealed for another purpose.
   */
  open(purpose: SealedPurpose, sealed: string): Promise<string>;
  /** What the database finds a code by: HMAC-SHA256 of its canonical form, written as PostgreSQL writes bytea. */
  codeHash(canonical: string): Promise<string>;
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const BASE64URL_KEY = /^[A-Za-z0-9_-]{43}$/u;
const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/u;
const SEALED = /^([A-Za-z0-9_-]{1,32})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22,})$/u;

/**
 * Reads the keys: `SEALING_KEYS` holds `id:key` pairs separated by commas, of which the first seals and all open, so that
 * a key can be replaced; `CODE_INDEX_KEY` holds one key. Every key is 32 bytes as base64url.
 *
 * @param get reads one variable, e.g. `Deno.env.get`.
 * @throws Error naming the variable that is missing or malformed.
 */
export async function createSealer(get: (name: string) => string | undefined): Promise<Sealer> {
  const keys = new Map(await Promise.all(sealingKeys(get("SEALING_KEYS")).map(importSealingKey)));
  const [newest] = keys;
  if (newest === undefined) throw new Error("SEALING_KEYS is not set");
  const [newestId, newestKey] = newest;
  const indexKey = await importIndexKey(get("CODE_INDEX_KEY"));

  return {
    async seal(purpose, text) {
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      const ciphertext = await crypto.subtle.encrypt(algorithm(nonce, purpose), newestKey, utf8(text));
      return [newestId, base64url(nonce), base64url(ciphertext)].join(".");
    },
    async open(purpose, sealed) {
      const [, id = "", nonce = "", ciphertext = ""] = SEALED.exec(sealed) ?? [];
      const key = keys.get(id);
      if (key === undefined) throw new Error(id === "" ? "not a sealed text" : `no sealing key "${id}"`);
      try {
        const text = await crypto.subtle.decrypt(algorithm(bytes(nonce), purpose), key, bytes(ciphertext));
        return new TextDecoder().decode(text);
      } catch {
        throw new Error(`a sealed ${purpose} does not open with key "${id}"`);
      }
    },
    async codeHash(canonical) {
      const hash = await crypto.subtle.sign("HMAC", indexKey, utf8(canonical));
      return `\\x${Buffer.from(hash).toString("hex")}`;
    },
  };
}

/** Named by what makes it, because not every place that reads this file knows the DOM's names. */
type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

function sealingKeys(variable: string | undefined): [id: string, key: string][] {
  if (!variable) throw new Error("SEALING_KEYS is not set");
  const pairs = variable.split(",").map((pair): [string, string] => {
    const [id = "", key = "", ...rest] = pair.trim().split(":");
    if (!KEY_ID.test(id) || !BASE64URL_KEY.test(key) || rest.length > 0) {
      throw new Error(`SEALING_KEYS must hold id:key pairs, each key ${KEY_BYTES} bytes as base64url`);
    }
    return [id, key];
  });
  if (new Set(pairs.map(([id]) => id)).size < pairs.length) throw new Error("SEALING_KEYS holds an id twice");
  return pairs;
}

async function importSealingKey([id, key]: [string, string]): Promise<[string, Key]> {
  return [id, await crypto.subtle.importKey("raw", bytes(key), "AES-GCM", false, ["encrypt", "decrypt"])];
}

function importIndexKey(variable: string | undefined): Promise<Key> {
  if (!variable) throw new Error("CODE_INDEX_KEY is not set");
  if (!BASE64URL_KEY.test(variable)) throw new Error(`CODE_INDEX_KEY must be ${KEY_BYTES} bytes as base64url`);
  return crypto.subtle.importKey("raw", bytes(variable), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

/** The purpose is authenticated along: a secret put in a code's place does not open. */
function algorithm(iv: Uint8Array<ArrayBuffer>, purpose: SealedPurpose) {
  return { name: "AES-GCM", iv, additionalData: utf8(purpose) };
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function bytes(base64: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(base64, "base64url"));
}

function base64url(data: ArrayBuffer | Uint8Array<ArrayBuffer>): string {
  return Buffer.from(data instanceof Uint8Array ? data : new Uint8Array(data)).toString("base64url");
}
