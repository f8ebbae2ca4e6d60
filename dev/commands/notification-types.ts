import type { SqlSession } from "../stack/database/session.ts";

/** The page that tells who is told what, when and how, as the catalogue of notifications says it. */
export async function notificationTypesPage(session: SqlSession): Promise<string> {
  const types = await session.query<{ type: string; told_when: string; channels: string }>(`
    select type, told_when, concat_ws(', ', case when in_app_default then 'inbox' end,
      case when email_default then 'e-mail' end, case when web_push_default then 'push' end) as channels
    from public.notification_types
    order by type`);
  const rows = types.map(({ type, told_when, channels }) => `| \`${type}\` | ${told_when} | ${channels} |`);
  return `<!-- Written by npm run db:types -->

# Types of notifications

What members are told, and by which channels unless they chose otherwise. Their texts are those of the table
\`notification_types\`; what happens to them: [notifications](rooms/notifications.md).

| Type | Who is told, and when | Channels |
|---|---|---|
${rows.join("\n")}
`;
}
