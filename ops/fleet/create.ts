import { type Gate, gate } from "../../dev/base/parallel.ts";
import { StackError } from "../../dev/base/stack-error.ts";
import type { SqlSession } from "../../dev/stack/database/session.ts";
import { type Community, UNFINISHED, withDatabase } from "./registry.ts";
import { withSession } from "./session.ts";
import { standingOf } from "./standing.ts";
import { alone, ensureTemplate, existing, placeOf, quoted, requireTemplate, withServer } from "./template.ts";
import type { Told } from "./walk.ts";

/** What `fleet create` would do. */
export function planCreation({ server, database }: Community): Promise<Told> {
  return withSession(server.url, async (session) => {
    const there = await existing(session, [database, server.template]);
    if (there.includes(database)) return { status: "existed", line: "is there already" };
    if (there.includes(server.template)) await requireTemplate(server);
    const template = there.includes(server.template) ? "" : ", which would be made first";
    const line = `${placeOf(server, database)} would be a copy of ${server.template}${template}`;
    return { status: "planned", line };
  });
}

/** One after the other on a server. */
const gates = new Map<string, Gate>();

/**
 * Makes a community where there is none: a copy of the template of its server, under another name until it is whole.
 *
 * @throws StackError when the template cannot be copied, or another database has the name.
 */
export function create(community: Community): Promise<Told> {
  const { server, database } = community;
  const enter = gates.get(server.name) ?? gate(1);
  gates.set(server.name, enter);
  return enter(() =>
    withServer(server, async (session) => {
      if ((await existing(session, [database])).length > 0) {
        await requireProduct(withDatabase(server.url, database), placeOf(server, database));
        return { status: "existed", line: "is there already" };
      }
      await ensureTemplate(session, server);
      await requireTemplate(server);
      const unfinished = `${database}${UNFINISHED}`;
      // of a run that was killed, because nobody else makes one on this server now
      await session.script(`drop database if exists ${quoted(unfinished)} with (force)`);
      await copyDatabase(session, server.template, unfinished);
      await withSession(withDatabase(server.url, unfinished), renew);
      await alone(session, unfinished, () =>
        session.script(`alter database ${quoted(unfinished)} rename to ${quoted(database)}`),
      );
      return { status: "created", line: `made, ${placeOf(server, database)}` };
    }),
  );
}

async function requireProduct(url: string, place: string): Promise<void> {
  const { state } = await withSession(url, standingOf);
  if (state !== "empty") return;
  throw new StackError(
    `${place} is there and does not hold the product: drop it, or name another database in the registry`,
  );
}

/** Copies a database with what PostgreSQL keeps beside it, and leaves out: its owner, rights and settings. */
async function copyDatabase(session: SqlSession, template: string, name: string): Promise<void> {
  const [found] = await session.query<{ owner: string }>(
    "select pg_get_userbyid(datdba) as owner from pg_database where datname = $1",
    [template],
  );
  await alone(session, template, () =>
    session.script(`create database ${quoted(name)} template ${quoted(template)} owner ${quoted(found?.owner ?? "")}`),
  );
  const statements = await session.query<{ sql: string }>(
    `select format('alter %s set %s = %s',
       case when s.setrole = 0 then format('database %I', $2::text)
         else format('role %I in database %I', pg_get_userbyid(s.setrole), $2::text) end,
       split_part(c.setting, '=', 1),
       -- lists of names are kept as one would type them
       case when split_part(c.setting, '=', 1) in ('search_path', 'session_preload_libraries', 'local_preload_libraries')
         then substr(c.setting, strpos(c.setting, '=') + 1)
         else quote_literal(substr(c.setting, strpos(c.setting, '=') + 1)) end) as sql
     from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase, unnest(s.setconfig) c (setting)
     where d.datname = $1
     union all
     select format('revoke all on database %I from public', $2::text) from pg_database d
     where d.datname = $1 and d.datacl is not null
     union all
     select format('grant %s on database %I to %s%s', a.privilege_type, $2::text,
       case when a.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,
       case when a.is_grantable then ' with grant option' else '' end)
     from pg_database d, aclexplode(d.datacl) a where d.datname = $1 and a.grantee <> d.datdba`,
    [template, name],
  );
  for (const { sql } of statements) await session.script(sql);
}

/**
 * Makes a community's own what the template has from its making. `tests/operations/fleet.slow.test.ts` looks through the
 * catalogue for what that is: when the jobs were made, from which on they are overdue, and how they went.
 */
async function renew(session: SqlSession): Promise<void> {
  await session.query(`
    update private.jobs set created_at = now(), started_at = null, finished_at = null, succeeded_at = null, failed_at = null,
      duration_ms = null, processed = null, failed = null, error = null, is_behind = false, leased_until = '-infinity',
      request_id = null`);
}
