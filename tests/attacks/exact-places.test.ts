import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { honestArguments } from "../support/honest-arguments.ts";
import { type Neighbourhood, populate } from "../support/neighbourhood.ts";
import { restOf } from "../support/rest.ts";
import { playTask } from "../support/scenario.ts";
import { changeSettings } from "../support/settings.ts";
import { type Member, rpc, useStack } from "../support/use-stack.ts";

/**
 * Where somebody lives, asked ten thousand times and through everything that is granted. The questions are asked inside the
 * database as the role and with the claims that PostgREST would set, because over HTTP so many take minutes.
 */

const stack = useStack();
const { sql } = stack;

let people: Neighbourhood;
beforeAll(async () => {
  people = await populate(stack);
  await sql("create schema attack");
  await sql("grant usage on schema attack to anon, authenticated, service_role");
});
afterAll(async () => {
  await sql("drop schema if exists attack cascade");
});

describe("fifty tasks of one home", () => {
  const FROM_EACH_DOOR = 25;
  /** Two doors in opposite corners of one cell, and of one that the border of a neighbourhood parts. */
  const CELLS = [
    { at: { latitude: -47.1003, longitude: -128.4003 }, border: false },
    { at: { latitude: -3.2003, longitude: -131.7003 }, border: true },
  ];
  let attacker: Member;

  /** Posts from two doors of one cell, turn by turn, so that ids and times say nothing. */
  async function post({ at, border }: (typeof CELLS)[number]): Promise<{ ids: string[]; near: typeof at }> {
    const [creator] = await stack.members(1);
    const [centre] = await sql<{ latitude: number; longitude: number }>(
      "select latitude_centre as latitude, longitude_centre as longitude from private.cell_centre($1, $2)",
      [at.latitude, at.longitude],
    );
    if (!centre) throw new Error("there is no cell");
    const [up, right] = [0.0011, 0.0011 / Math.cos((centre.latitude * Math.PI) / 180)];
    if (border) {
      await sql(
        `insert into public.neighbourhoods (slug, name, area) select 'attack', 'Attack', extensions.st_multi(
           extensions.st_makeenvelope($2::float8 + 0.0005, $1::float8 - 0.02, $2::float8 + 0.04, $1::float8 + 0.02, 4326))`,
        [centre.latitude, centre.longitude],
      );
    }
    const rows = await sql<{ id: string; latitude: number; longitude: number; neighbourhood_id: string | null }>(
      `select t.id, t.latitude, t.longitude, t.neighbourhood_id
       from (select set_config('request.jwt.claims', jsonb_build_object('sub', $1::uuid)::text, true)) c
       cross join generate_series(1, $2::int) n cross join (values (1), (-1)) door (side)
       cross join lateral public.create_task(title => 'Water plants', description => 'Twice a week.', category => 'garten',
         latitude => $3::float8 + door.side * $5::float8, longitude => $4::float8 + door.side * $6::float8,
         points_reward => least(n, 1)) t
       where c is not null`,
      [creator.id, FROM_EACH_DOOR, centre.latitude, centre.longitude, up, right],
    );
    expect(rows.length).toBe(2 * FROM_EACH_DOOR);
    // both doors show one and the same place
    expect(new Set(rows.map(({ latitude, longitude }) => `${latitude} ${longitude}`)).size).toBe(1);
    expect(new Set(rows.map(({ neighbourhood_id }) => neighbourhood_id)).size).toBe(1);
    return { ids: rows.map(({ id }) => id), near: centre };
  }

  /** Each reader of tasks by place, and how often it is asked about each cell: what is dear to answer, less often. */
  const READERS: Readonly<Record<string, readonly [call: string, questions: number]>> = {
    nearby_tasks: ["public.nearby_tasks(q.latitude, q.longitude, q.radius, q.category, q.sort, q.size, q.after)", 4700],
    search_tasks: [
      "public.search_tasks(q.words, q.latitude, q.longitude, q.radius, q.category, q.size, q.after, q.area)",
      200,
    ],
    recommended_tasks: ["public.recommended_tasks(q.latitude, q.longitude, q.radius, q.size, q.after)", 200],
  };
  /** Asked where it is measured whether moving its bounds tells more: trilateration. */
  const ASKED_ELSEWHERE = ["map_tasks"];
  /** Of the others, what they tell of tasks: nothing, what the caller owns, or what the helper sees. */
  const NOT_ABOUT_OTHERS_TASKS = [
    "add_place",
    "create_task",
    "get_task_location",
    "recommended_places",
    "reveal_task_contact",
    "search_places",
    "update_contact",
    "update_task",
  ];

  test("every function that takes or gives a place is asked, or is not about others' tasks", async () => {
    const found = await sql<{ name: string }>(
      `select distinct p.proname as name from pg_proc p
       left join pg_class c on c.reltype = (select coalesce(nullif(t.typelem, 0), t.oid) from pg_type t where t.oid = p.prorettype)
       where p.pronamespace = 'public'::regnamespace
         and (has_function_privilege('authenticated', p.oid, 'execute') or has_function_privilege('anon', p.oid, 'execute'))
         and (p.proargnames && '{latitude,west,distance_m,location}'
           or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'distance_m'))`,
    );
    expect(found.map(({ name }) => name).toSorted()).toEqual(
      [...Object.keys(READERS), ...ASKED_ELSEWHERE, ...NOT_ABOUT_OTHERS_TASKS].toSorted(),
    );
  });

  test("10,000 questions from chosen points tell no door of a cell from another", { timeout: 240_000 }, async () => {
    [attacker] = await stack.members(1);
    await rpc(attacker, "set_preference", { category: "garten", rating: 5 });
    await changeSettings(sql, { open_task_limit: 1000, points_limit_per_creator: 100_000 });
    for (const [reader, [call]] of Object.entries(READERS)) await sql(askingFunction(reader, call));
    let asked = 0;
    let answered = 0;
    for (const cell of CELLS) {
      const { ids, near } = await post(cell);
      for (const [reader, [, questions]] of Object.entries(READERS)) {
        const [verdict] = await sql<{ asked: number; answered: number; told: unknown[] | null }>(
          `select * from attack.${reader}($1, $2::uuid[], $3, $4, $5)`,
          [attacker.id, ids, near.latitude, near.longitude, questions],
        );
        expect([reader, verdict?.told]).toEqual([reader, null]);
        asked += verdict?.asked ?? 0;
        answered += verdict?.answered ?? 0;
      }
    }
    await sql("delete from public.neighbourhoods where slug = 'attack'");
    expect(asked).toBeGreaterThan(10_000);
    expect(answered).toBeGreaterThan(asked / 4);
  });

  /**
   * Asks with chosen points, radii, filters, orders and pages. An answer tells the doors apart when its rows say different
   * things of equal tasks, or when it is not the beginning of the one order there can be: that of the ids.
   */
  const askingFunction = (reader: string, call: string) => `create function attack.${reader}(member uuid, ids uuid[],
    latitude float8, longitude float8, questions int,
    out asked int, out answered int, out told jsonb[]) language plpgsql as $$
  declare
    q        record;
    v_ids    uuid[];
    v_kinds  jsonb[];
    v_before uuid[];
    v_up     uuid[] := array(select i from unnest(ids) i order by i);
    v_down   uuid[] := array(select i from unnest(ids) i order by i desc);
    v_area   uuid := (select n.id from public.neighbourhoods n where n.slug = 'attack');
    v_cursor text;
  begin
    perform setseed(0.42);
    perform set_config('request.jwt.claims', jsonb_build_object('sub', member, 'role', 'authenticated')::text, true);
    perform set_config('role', 'authenticated', true);
    asked := 0; answered := 0;
    while asked < questions loop
      for q in
        select ${reader}.latitude + (random() - 0.5) * d.width as latitude, ${reader}.longitude + (random() - 0.5) * d.width as longitude,
          d.radius, case when random() < 0.3 then 'garten' when random() < 0.1 then 'transport' end as category,
          case when random() < 0.5 then 'newest' else 'distance' end as sort,
          (array['plants', 'wat', 'twice week', 'plnats'])[1 + floor(random() * 4)] as words,
          case when random() < 0.2 then v_area end as area, case when random() < 0.1 then 100 else 7 end as size,
          null::text as after
        from (select (array[0.002, 0.01, 0.05])[1 + floor(random() * 3)] as width,
          (array[1, 100, 150, 300, 500, 1000, 3000, 50000])[1 + floor(random() * 8)] as radius) d
      loop
        v_before := '{}';
        for page in 1..2 loop
          select array_agg(r.id order by r.ordinality), max(r.cursor) filter (where r.ordinality = q.size),
            array_agg(distinct to_jsonb(r) - '{id,cursor,ordinality}'::text[])
          into v_ids, v_cursor, v_kinds
          from ${call} with ordinality r;
          asked := asked + 1;
          exit when v_ids is null;
          answered := answered + 1;
          v_before := v_before || v_ids;
          if cardinality(v_kinds) <> 1
            or (cardinality(v_before) < cardinality(ids) and cardinality(v_ids) < q.size)
            or v_before not in (v_up[:cardinality(v_before)], v_down[:cardinality(v_before)]) then
            told := told || jsonb_build_object('q', to_jsonb(q), 'kinds', cardinality(v_kinds), 'rows', cardinality(v_before), 'kind', v_kinds[:2]);
          end if;
          exit when v_cursor is null or cardinality(told) > 3;
          q.after := v_cursor;
        end loop;
      end loop;
      exit when cardinality(told) > 3;
    end loop;
    perform set_config('role', 'none', true);
  end $$`;
});

describe("everything that is granted", () => {
  /** Runs statements as a role, each undone at once; returns those whose answer holds one of the secrets. */
  const LOOK = `create function attack.look(role text, member uuid, statements text[], secrets text[], out answered int, out leaks text[])
  language plpgsql as $$
  declare
    v_statement text;
    v_answer    text;
  begin
    answered := 0; leaks := '{}';
    perform set_config('request.jwt.claims', jsonb_strip_nulls(jsonb_build_object('sub', member, 'role', role))::text, true);
    foreach v_statement in array statements loop
      begin
        perform set_config('role', role, true);
        execute v_statement into v_answer;
        raise exception using errcode = 'UNDO1';
      exception
        when sqlstate 'UNDO1' then
          answered := answered + 1;
          if exists (select from unnest(secrets) s where strpos(v_answer, s) > 0) then
            leaks := leaks || v_statement;
          end if;
        when others then null;
      end;
    end loop;
  end $$`;

  /** What a role may read or call, as statements that return all of it as one text; calls are about the victim. */
  async function statementsOf(role: string): Promise<string[]> {
    const { victim, helper, openTaskId, assignedTaskId } = people;
    const honest = await honestArguments(stack, victim.id, helper.id);
    const relations = await sql<{ text: string }>(
      `select format('select string_agg(concat_ws('' '', %s), ''|'') from %s', string_agg(quote_ident(a.attname) || '::text', ', '), c.oid::regclass) as text
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relnamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace)
         and has_column_privilege($1, c.oid, a.attnum, 'select')
       group by c.oid`,
      [role],
    );
    const functions = await sql<{ name: string; schema: string; args: { name: string; type: string }[] }>(
      `select p.pronamespace::regnamespace::text as schema, p.proname as name, coalesce((
         select jsonb_agg(jsonb_build_object('name', p.proargnames[i], 'type', format_type(p.proargtypes[i - 1], null)) order by i)
         from generate_series(1, p.pronargs) i), '[]') as args
       from pg_proc p
       where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace)
         and has_function_privilege($1, p.oid, 'execute') and p.prorettype <> 'trigger'::regtype`,
      [role],
    );
    const calls = functions.flatMap(({ schema, name, args }) =>
      [openTaskId, assignedTaskId, victim.id, helper.id].map((subject) => {
        const values = { ...honest[name], ...Object.fromEntries(args.filter(isId).map((arg) => [arg.name, subject])) };
        const named = args.filter(({ name: arg }) => arg in values || schema !== "public");
        return `select string_agg(r::text, '|') from ${schema}.${name}(${named
          .map(({ name: arg }) => `${arg} => ${literal(values[arg])}`)
          .join(", ")}) r`;
      }),
    );
    return [...relations.map(({ text }) => text), ...new Set(calls)];
  }

  const isId = ({ type }: { type: string }) => type === "uuid";

  function literal(value: unknown): string {
    if (value === undefined || value === null) return "null";
    return `'${(typeof value === "object" ? JSON.stringify(value) : String(value)).replaceAll("'", "''")}'`;
  }

  function secrets(): string[] {
    return [people.secrets["taskLatitude"], people.secrets["taskLongitude"], people.secrets["taskAddress"]] as string[];
  }

  async function leaksTo(role: string, memberId: string | null): Promise<{ answered: number; leaks: string[] }> {
    const [seen] = await sql<{ answered: number; leaks: string[] }>(
      "select * from attack.look($1, $2, $3::text[], $4::text[])",
      [role, memberId, await statementsOf(role), secrets()],
    );
    if (!seen) throw new Error("no answer");
    return seen;
  }

  beforeAll(() => sql(LOOK));

  test("gives the exact point to its creator and its helper, so it is there to be found", async () => {
    const asCreator = await leaksTo("authenticated", people.victim.id);
    expect(asCreator.leaks).toEqual(expect.arrayContaining([expect.stringContaining("public.get_task_location(")]));
    const asHelper = await leaksTo("authenticated", people.helper.id);
    expect(asHelper.leaks.map((leak) => /from \w+\.(\w+)/.exec(leak)?.[1])).toEqual(
      expect.arrayContaining(["reveal_task_contact"]),
    );
    expect(asHelper.leaks.every((leak) => leak.includes("reveal_task_contact("))).toBe(true);
  });

  test.each(["authenticated", "anon", "service_role"])("gives it to nobody else: %s", async (role) => {
    const { answered, leaks } = await leaksTo(role, role === "authenticated" ? people.attacker.id : null);
    expect(leaks).toEqual([]);
    expect(answered).toBeGreaterThan(10);
  });

  test("an offer, a former helper, a ban: not to those either", async () => {
    const [offerer, former, banned] = await stack.members(3);
    await rpc(offerer, "offer_help", { task_id: people.openTaskId });
    const { secrets: of } = people;
    const place = {
      latitude: Number(of["taskLatitude"]),
      longitude: Number(of["taskLongitude"]),
      address: of["taskAddress"] ?? "",
    };
    for (const member of [former, banned]) {
      const { task } = await playTask(stack.call, people.victim.id, member.id, "assigned", place);
      if (member === former) await rpc(former, "release_task", { task_id: task.id });
    }
    await sql("select ops.ban_user($1, 'Spam')", [banned.id]);
    for (const member of [offerer, former, banned]) {
      expect((await leaksTo("authenticated", member.id)).leaks).toEqual([]);
    }
  });

  test("the size of the table is not told either: it is none of the API's", async () => {
    const rest = restOf(stack.address);
    for (const caller of [
      {},
      { token: people.helper.token },
      { token: people.victim.token },
      { apiKey: stack.address.secretKey },
    ]) {
      for (const [table, prefer] of [
        ["task_locations", "count=planned"],
        ["task_locations", "count=exact"],
        ["contact_reveals", "count=planned"],
        ["phone_shares", "count=planned"],
      ] as const) {
        const answer = await rest(`${table}?select=*`, { ...caller, headers: { prefer } });
        expect([table, answer.status, answer.headers.get("content-range")]).toEqual([table, 404, null]);
      }
    }
  });
});
