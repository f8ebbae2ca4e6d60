import { DEMO_PASSWORD } from "./demo.ts";
import { MAILBOX_PATH } from "./mailbox-page.ts";
import type { Stack } from "./start-stack.ts";

/** The summary that `npm start` ends with. */
export async function describeStack(stack: Stack): Promise<string> {
  const rows: [label: string, value: string | undefined][] = [
    ["App", stack.appUrl],
    ["API URL", stack.url],
    ["Publishable key", stack.publishableKey],
    ["Secret key", stack.secretKey],
    ["Database", stack.databaseUrl],
    ["Studio", stack.studioUrl],
    ["Functions", stack.functionNames.map((name) => `/functions/v1/${name}`).join(" ")],
    ["Mailbox", `${stack.url}${MAILBOX_PATH} (takes every e-mail, by SMTP on port ${stack.mailbox.port})`],
    ["Demo logins", await demoLogins(stack)],
    [
      "Demo partner",
      stack.demoPartnerKey && `${stack.demoPartnerKey} (Bäckerei Beispiel; docs/start.md: Redeem points)`,
    ],
  ];
  const lines = rows.flatMap(([label, value]) => (value ? [`  ${label.padEnd(17)}${value}`] : []));
  return `\n${lines.join("\n")}\n\n  Ready. Ctrl-C stops everything; the data stays.`;
}

async function demoLogins(stack: Stack): Promise<string | undefined> {
  const rows = await stack.sql<{ email: string }>(
    "select email from auth.users where raw_app_meta_data ->> 'demo' = 'true' order by email",
  );
  return rows.length === 0 ? undefined : `${rows.map((row) => row.email).join(", ")} (password ${DEMO_PASSWORD})`;
}
