import { describe, expect, test } from "vitest";
import { DELETE_LOGIN, signUpBySql } from "../support/admin.ts";
import { codeOf } from "../support/api-connection.ts";
import { admin, jobs, type Outcome } from "../support/arena.ts";
import { MEMBERS_COMMANDS, type Scene } from "../support/members-commands.ts";
import { useArena } from "../support/use-arena.ts";

/**
 * Every command against the deletion of the login of whoever sends it, and of the neighbour it is about. After every
 * test the arena runs all audits: ops.audit_erasure() finds what is left of the deleted member.
 */

const arena = useArena(6);
const { sql } = arena;

async function setScene(): Promise<Scene> {
  const [me = "", other = ""] = await signUpBySql(sql, 2);
  return { me, other, sql, call: arena.call.bind(arena) };
}

/** Whoever was deleted has been: a command that survives must not have stopped it. */
async function expectErased(id: string, deletion: Outcome): Promise<void> {
  expect(deletion.slug).toBeUndefined();
  expect(await sql("select is_active from public.users where id = $1", [id])).toEqual([{ is_active: false }]);
}

test("there is a scene for every command that writes about a member", async () => {
  const commands = await sql<{ name: string }>(
    `select p.proname as name from pg_proc p
     where p.pronamespace = 'public'::regnamespace and p.provolatile = 'v' and p.prorettype <> 'trigger'::regtype
       and (has_function_privilege('authenticated', p.oid, 'execute') or p.proargnames && '{member_id,user_id}')
     order by 1`,
  );
  expect(Object.keys(MEMBERS_COMMANDS).sort()).toEqual(commands.map(({ name }) => name));
});

const CASES = Object.entries(MEMBERS_COMMANDS).flatMap(([command, prepare]) =>
  (["me", "other"] as const).map((leaving) => ({ command, prepare, leaving })),
);

describe("a login is deleted", () => {
  test.each(CASES)("while $command is not committed yet: $leaving", async ({ prepare, leaving }) => {
    const scene = await setScene();
    const racer = await prepare(scene);
    const { first, second } = await arena.interleave(racer(), admin(DELETE_LOGIN, scene[leaving]));
    expect(first.slug).toBeUndefined();
    await expectErased(scene[leaving], second);
  });

  test.each(CASES)("and that is not committed yet when $command comes: $leaving", async ({ prepare, leaving }) => {
    const scene = await setScene();
    const racer = await prepare(scene);
    const { first } = await arena.interleave(admin(DELETE_LOGIN, scene[leaving]), racer());
    await expectErased(scene[leaving], first);
  });

  test.each(CASES)(
    "after the snapshot of a serializable $command was taken: $leaving",
    async ({ prepare, leaving }) => {
      const scene = await setScene();
      const racer = await prepare(scene);
      const outcome = await arena
        .overtake(racer("serializable"), () => sql(DELETE_LOGIN, [scene[leaving]]))
        .catch((error: unknown) => ({ slug: codeOf(error) }));
      expect([undefined, "40001"]).toContain(/^[0-9]/.test(outcome.slug ?? "") ? outcome.slug : undefined);
      await expectErased(scene[leaving], {});
    },
  );
});

test("a login is not deleted with an old snapshot, which would not show what was written since", async () => {
  const { me } = await setScene();
  const { connection } = await arena.takeAdminConnection();
  await connection.unsafe("begin isolation level serializable");
  await expect(connection.unsafe(DELETE_LOGIN, [me])).rejects.toThrow("can only be deleted under read committed");
  await connection.unsafe("rollback");
  connection.release();
});

test.each(["me", "other"] as const)("the jobs and the deletion of a login: %s", async (leaving) => {
  const scene = await setScene();
  for (const command of ["finish_task", "confirm_task", "rate_task", "begin_redemption"]) {
    await MEMBERS_COMMANDS[command]?.(scene);
  }
  const deletion = admin(DELETE_LOGIN, scene[leaving]);
  const { second } = await arena.interleave(jobs("now() + interval '15 days'"), deletion);
  await expectErased(scene[leaving], second);
  const late = await setScene();
  for (const command of ["finish_task", "confirm_task"]) await MEMBERS_COMMANDS[command]?.(late);
  const { first } = await arena.interleave(admin(DELETE_LOGIN, late[leaving]), jobs("now() + interval '15 days'"));
  await expectErased(late[leaving], first);
  await sql("select ops.run_due_jobs(now())");
});
