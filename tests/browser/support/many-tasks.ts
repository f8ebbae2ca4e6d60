import type { Sql } from "../../support/admin.ts";

/** The embedded database does one thing at a time: what other tests ask has its turn in between. */
const BATCH = 100;

/** Open tasks of a demo member, spread over some kilometres of the demo neighbourhood; a third of them begins tomorrow. */
export async function postManyTasks(sql: Sql, count: number, email = "carla@example.test"): Promise<void> {
  for (let first = 1; first <= count; first += BATCH) {
    // one statement: the files beside this one look through the books at any moment
    await sql(
      `with posted as (
         insert into public.tasks (creator_id, title, description, category, latitude, longitude, points_reward,
           reward_funding, starts_at, is_flexible, created_at)
         select u.id, 'Gathering ' || n, 'One of very many.',
           case when n % 5 = 0 then 'garten' else 'sonstiges' end, c.latitude_centre, c.longitude_centre, 1 + n % 50,
           'community', case when n % 3 = 0 then now() + interval '1 day' end, true, now() - n * interval '1 second'
         from auth.users u
         cross join generate_series($1::integer, $2::integer) n
         cross join lateral private.cell_centre(52.532 + 0.02 * sin(n * 1.7), 13.384 + 0.03 * cos(n * 2.3)) c
         where u.email = $3
         returning tasks as task),
       placed as (
         insert into private.task_locations (task_id, creator_id, latitude, longitude)
         select (task).id, (task).creator_id, (task).latitude, (task).longitude from posted)
       select private.project_task(task) from posted`,
      [first, Math.min(first + BATCH - 1, count), email],
    );
  }
}
