import { expect, test } from "vitest";
import { admin, type Racer } from "../support/arena.ts";
import { useArena } from "../support/use-arena.ts";

/**
 * Two admins at one partner's place. Search and recommendations follow both, whoever comes first: the audits after
 * every test compare them with the places.
 */

const arena = useArena(2);

const EDITS: Readonly<Record<string, (partner: string, place: string) => Racer>> = {
  "switch the partner": (partner) =>
    admin("update public.partners set is_active = not is_active where id = $1", partner),
  "switch the place off": (_, place) => admin("update public.places set is_active = false where id = $1", place),
  "rename the place": (_, place) => admin("update public.places set name = 'Another name' where id = $1", place),
  "delete the place": (_, place) => admin("delete from public.places where id = $1", place),
};
const edits = Object.entries(EDITS);
const pairs = [true, false].flatMap((is_active) =>
  edits.flatMap(([first, one]) => edits.map(([second, other]) => ({ is_active, first, second, one, other }))),
);

test.each(pairs)("partner active: $is_active; $first, then $second", async ({ is_active, one, other }) => {
  const [made] = await arena.sql<{ partner: string; place: string }>(`
    with partner as (insert into public.partners (name, is_active) values ('A partner', ${is_active}) returning id)
    insert into public.places (partner_id, name, latitude, longitude)
    select id, 'A place', 52.5, 13.4 from partner returning partner_id as partner, id as place`);
  if (!made) throw new Error("there is no place");

  const { first, second } = await arena.interleave(one(made.partner, made.place), other(made.partner, made.place));

  expect([first.slug, second.slug]).toEqual([undefined, undefined]);
});
