import { inParallel } from "../../dev/base/parallel.ts";
import { messageOf, StackError } from "../../dev/base/stack-error.ts";
import { inWords } from "./judge.ts";
import { migrateDatabase } from "./migrate.ts";
import { type Community, type Server, withDatabase } from "./registry.ts";
import { withSession } from "./session.ts";
import { type Standing, standingOf } from "./standing.ts";
import { existing, placeOf, withServer } from "./template.ts";
import { type Entry, type Walk, type Walked, walk } from "./walk.ts";

/** How a fleet is migrated. */
export interface FleetMigration extends Walk {
  /** Whose templates are migrated, before all communities. */
  servers: readonly Server[];
  patienceSeconds: number;
  isDryRun: boolean;
  /** Communities that cannot be reached are left out, instead of that nothing is begun. */
  skipsUnreachable: boolean;
}

/**
 * Looks at all communities first, and changes nothing while one cannot be migrated. Then the templates, where a migration that
 * cannot work hurts nobody; then the communities, until one fails.
 *
 * @throws StackError naming what cannot be migrated; nothing was changed then.
 */
export async function migrateFleet(communities: readonly Community[], options: FleetMigration): Promise<Walked> {
  const { out, parallel, isDryRun, skipsUnreachable } = options;
  out.line(`looking at ${communities.length === 1 ? "1 community" : `${communities.length} communities`}`);
  const looks = await inParallel(communities, parallel, look);
  const found = communities.map((community, index) => ({ community, ...(looks[index] ?? { error: "not looked at" }) }));
  const lost = found.filter(({ error }) => error !== undefined);
  const strange = found.filter(({ standing }) => standing?.state === "ahead" || standing?.state === "empty");
  const obstacles = [
    ...(skipsUnreachable ? [] : lost.map(({ community, error }) => `${community.name}: ${error}`)),
    ...strange.map(({ community, standing }) => `${community.name} ${standing === undefined ? "" : inWords(standing)}`),
  ];
  if (obstacles.length > 0) {
    const more = obstacles.length > 3 ? `; and ${obstacles.length - 3} more` : "";
    const advice = lost.length > 0 && !skipsUnreachable ? " (--skip-unreachable leaves out whom it cannot reach)" : "";
    throw new StackError(`nothing was changed: ${obstacles.slice(0, 3).join("; ")}${more}${advice}`);
  }
  const reached = found.flatMap(({ community, standing }) => (standing === undefined ? [] : [{ community, standing }]));
  const isReached = ({ name }: Server) => reached.some(({ community }) => community.server.name === name);
  const servers = skipsUnreachable ? options.servers.filter(isReached) : options.servers;
  if (!isDryRun) await migrateTemplates({ ...options, servers });
  const standings = new Map(reached.map(({ community, standing }) => [community.name, standing]));
  const { entries, isGood } = await walk(
    reached.map(({ community }) => community),
    options,
    async ({ name, url }) => {
      const standing = standings.get(name);
      if (standing?.state === "current") return { status: "current", line: inWords(standing), applied: [] };
      if (isDryRun) {
        const pending = standing?.pending ?? [];
        return { status: "planned", line: `would get ${pending.join(", ")}`, pending };
      }
      const applied = await migrateDatabase(url, options);
      return { status: "migrated", line: `now at ${applied.at(-1) ?? standing?.version}`, applied };
    },
  );
  const left = lost.map(({ community, error = "" }): Entry => {
    out.line(`✗ ${community.name}: left out, ${error}`);
    const { name, server, database } = community;
    return { community: name, server: server.name, database, is_good: false, seconds: 0, status: "unreachable", error };
  });
  return { entries: [...entries, ...left], isGood: isGood && left.length === 0 };
}

async function look({ url }: Community): Promise<{ standing?: Standing; error?: string }> {
  try {
    return { standing: await withSession(url, standingOf) };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

/** Those that are there; a server gets its template with its first community. */
async function migrateTemplates({ servers, parallel, patienceSeconds, out }: FleetMigration): Promise<void> {
  const problems: string[] = [];
  await inParallel(servers, parallel, async (server) => {
    const place = placeOf(server, server.template);
    try {
      await withServer(server, async (session) => {
        if ((await existing(session, [server.template])).length === 0) return;
        const applied = await migrateDatabase(withDatabase(server.url, server.template), { patienceSeconds });
        out.line(`✓ template ${place}: ${applied.length === 0 ? "current" : `now at ${applied.at(-1)}`}`);
      });
    } catch (error) {
      problems.push(`template ${place}: ${messageOf(error)}`);
    }
  });
  if (problems.length === 0) return;
  throw new StackError(`no community was changed: ${problems.join("; ")}. Mend it and run it again`);
}
