import type { Tokens } from "../gateway/tokens.ts";
import type { StackKeys } from "../keys.ts";

/** What a function finds in its environment on a hosted project, with this stack's values. */
export function functionEnvironment(
  publicUrl: string,
  keys: StackKeys,
  tokens: Tokens,
  databaseUrl: string | undefined,
): Record<string, string> {
  return {
    SUPABASE_URL: publicUrl,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secretKey }),
    SUPABASE_JWKS: tokens.keySet(),
    // Older names. They hold API keys here: the local REST server takes no tokens in their place.
    SUPABASE_ANON_KEY: keys.publishableKey,
    SUPABASE_SERVICE_ROLE_KEY: keys.secretKey,
    // The embedded database has no address.
    ...(databaseUrl === undefined ? {} : { SUPABASE_DB_URL: databaseUrl }),
    SB_REGION: "local",
    // On a hosted project these two are secrets, see docs/operations/functions.md.
    SEALING_KEYS: keys.sealingKeys,
    CODE_INDEX_KEY: keys.codeIndexKey,
    // Partners under development listen on this machine, without TLS. Never set on a hosted project.
    OUTBOUND_LOOPBACK: "allow",
  };
}
