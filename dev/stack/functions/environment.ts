import type { Tokens } from "../gateway/tokens.ts";
import type { StackKeys } from "../keys.ts";

/** What functions need to know besides keys. */
export interface FunctionSurroundings {
  readonly publicUrl: string;
  readonly databaseUrl: string;
  /** Where the app runs. */
  readonly appUrl: string;
  /** Port of the mailbox that takes all e-mails. */
  readonly smtpPort: number;
}

/** The functions' secrets of this stack: on a hosted project they are set as docs/operations/functions.md says. */
export function functionSecrets(keys: StackKeys): Record<string, string> {
  return {
    SEALING_KEYS: keys.sealingKeys,
    CODE_INDEX_KEY: keys.codeIndexKey,
    NOTIFICATION_SIGNING_KEY: keys.notificationSigningKey,
    VAPID_PUBLIC_KEY: keys.vapidKeys.publicKey,
    VAPID_PRIVATE_KEY: keys.vapidKeys.privateKey,
    VAPID_SUBJECT: "mailto:stack@localhost.test",
  };
}

/** What a function finds in its environment on a hosted project, with this stack's values. */
export function functionEnvironment(
  { publicUrl, databaseUrl, appUrl, smtpPort }: FunctionSurroundings,
  keys: StackKeys,
  tokens: Tokens,
): Record<string, string> {
  return {
    SUPABASE_URL: publicUrl,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secretKey }),
    SUPABASE_JWKS: JSON.stringify(tokens.keySet()),
    // Older names. They hold API keys here: the local REST server takes no tokens in their place.
    SUPABASE_ANON_KEY: keys.publishableKey,
    SUPABASE_SERVICE_ROLE_KEY: keys.secretKey,
    SUPABASE_DB_URL: databaseUrl,
    SB_REGION: "local",
    ...functionSecrets(keys),
    APP_URL: appUrl,
    SMTP_HOST: "127.0.0.1",
    SMTP_PORT: String(smtpPort),
    SMTP_SECURITY: "none",
    SMTP_FROM: "Nachbarschaft <stack@localhost.test>",
    // Partners under development listen on this machine, without TLS. Never set on a hosted project.
    OUTBOUND_LOOPBACK: "allow",
  };
}
