import { expect, test } from "vitest";
import { POINT_TRANSACTION_TYPES } from "../../supabase/functions/_shared/contracts/points.ts";
import {
  OFFER_STATUSES,
  REWARD_FUNDINGS,
  ROOT_CATEGORIES,
  TASK_EVENT_ACTIONS,
  TASK_STATUSES,
} from "../../supabase/functions/_shared/contracts/tasks.ts";
import { allowedWords, readMigrations } from "./support/migrations.ts";

const sql = readMigrations();

test.each([
  ["status_is_known", TASK_STATUSES],
  ["offer_status_is_known", OFFER_STATUSES],
  ["action_is_known", TASK_EVENT_ACTIONS],
  ["reward_funding_is_known", REWARD_FUNDINGS],
  ["type_is_known", POINT_TRANSACTION_TYPES],
])("the contract has the same words as the constraint %s", (constraint, words) => {
  expect([...words].sort()).toEqual(allowedWords(sql, constraint).sort());
});

test("the contract has the same root categories as the migrations", () => {
  const insert =
    /insert into public\.categories \(slug, name_de, name_en, position\) values([^;]*);/u.exec(sql)?.[1] ?? "";
  const roots = [...insert.matchAll(/\('([a-z0-9-]+)'/gu)].map(([, slug]) => slug);
  expect(roots).toEqual([...ROOT_CATEGORIES]);
});
