import type { Database, Queries } from "../core/connection.ts";
import type { ImportResult } from "./run-import.ts";

/** What is counted before and after. */
export interface Totals {
  members: number;
  logins: number;
  /** Opening balances of this source in the ledger. */
  points: number;
}

export async function totals(database: Queries, source: string): Promise<Totals> {
  const [found] = await database.query<Totals>(
    `select (select count(*) from public.users) as members, (select count(*) from auth.users) as logins,
       (select coalesce(sum(amount), 0)::bigint from public.point_transactions
        where type = 'admin_adjustment' and metadata ->> 'imported_from' = $1) as points`,
    [source],
  );
  return found ?? { members: 0, logins: 0, points: 0 };
}

/** How the database differs from what was to be written, a line each; none: all is as it should be. */
export async function verify(
  database: Database,
  source: string,
  before: Totals,
  { counts, points, sample }: ImportResult,
): Promise<{ differences: string[]; remarks: string[] }> {
  const after = await totals(database, source);
  const imported = counts.members?.imported ?? 0;
  const wrong = await database.query<{ id: string }>(
    `select s.id from unnest($1::uuid[], $2::text[], $3::text[]) as s (id, email, hash)
     where not exists (
       select from public.users u join public.user_contacts c on c.user_id = u.id join public.user_settings t on t.user_id = u.id
         join public.point_accounts a on a.user_id = u.id join auth.users l on l.id = u.id
         join auth.identities i on i.user_id = u.id
       where u.id = s.id and l.email = s.email and l.encrypted_password = s.hash)`,
    [
      sample.map(({ id }) => id),
      sample.map(({ email }) => email),
      sample.map(({ password_hash }) => password_hash ?? ""),
    ],
  );
  const audits = await database.query<{ audit: string; problem: string; count: number }>(
    "select audit, problem, count(*) from ops.audit_all() group by 1, 2 order by 1, 2",
  );
  const [booked, grown] = [after.points - before.points, after.members - before.members];
  return {
    differences: [
      ...(grown < imported ? [`${grown} more members instead of ${imported}`] : []),
      ...(after.logins - before.logins < imported ? [`fewer new logins than members`] : []),
      // another import of the same source may have brought, meanwhile, some of those that were known here
      ...(booked >= points.imported && booked <= points.imported + points.known
        ? []
        : [`${booked} points were booked instead of ${points.imported}`]),
      ...(wrong.length === 0 ? [] : [`${wrong.length} of ${sample.length} logins differ, such as ${wrong[0]?.id}`]),
      ...audits.map(({ audit, problem, count }) => `${audit}: ${problem} (${count})`),
    ],
    remarks:
      after.points === points.imported + points.known
        ? []
        : [
            `balances of members who were imported before are others in the source now (${points.imported + points.known} instead of ${after.points} points); they stay as they were`,
          ],
  };
}
