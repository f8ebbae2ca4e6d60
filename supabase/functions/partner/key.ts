/**
 * API keys of partners.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { PartnerScope } from "../_shared/contracts/words-and-limits.ts";
import type { Database } from "../_shared/database.ts";
import { Problem } from "../_shared/problem.ts";

const BEARER = /^bearer +(\S+)$/iu;
const KEY = /^nhp_(?:sandbox_)?[0-9a-f]{64}$/u;

/**
 * The hash under which the database knows the key of a request.
 *
 * @throws Problem `api_key_invalid` when there is nothing that could be a key.
 */
export async function keyHash(request: Request): Promise<string> {
  const [, key = ""] = BEARER.exec(request.headers.get("authorization") ?? "") ?? [];
  if (!KEY.test(key)) {
    throw new Problem("api_key_invalid", { hint: "Send the header `Authorization: Bearer nhp_…`." });
  }
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  return `\\x${Buffer.from(hash).toString("hex")}`;
}

/**
 * Asks the database about a key before its command does, where there is work to do until then: nobody without a good key
 * makes us resolve names or seal codes.
 *
 * @throws DatabaseRefusal `api_key_invalid`, `partner_inactive`
 * @throws Problem `scope_missing`
 */
export async function requireScope(database: Database, hash: string, scope: PartnerScope): Promise<void> {
  const { key }: { key: { scopes: string[] } } = await database.call("read_partner", { api_key_hash: hash });
  if (!key.scopes.includes(scope)) throw new Problem("scope_missing", { detail: scope });
}
