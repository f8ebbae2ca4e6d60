import { expect, test } from "vitest";
import { POINT_TRANSACTION_TYPES } from "../../supabase/functions/_shared/contracts/points.ts";
import {
  OFFER_STATUSES,
  REWARD_FUNDINGS,
  ROOT_CATEGORIES,
  TASK_EVENT_ACTIONS,
  TASK_STATUSES,
} from "../../supabase/functions/_shared/contracts/tasks.ts";
import { constraintWords, documentedWords, functionWords, readMigrations } from "./support/migrations.ts";

const sql = readMigrations();

test.each([
  ["tasks.status", TASK_STATUSES],
  ["tasks.reward_funding", REWARD_FUNDINGS],
  ["task_offers.status", OFFER_STATUSES],
  ["task_events.action", TASK_EVENT_ACTIONS],
  ["point_transactions.type", POINT_TRANSACTION_TYPES],
])("the contract has the words that the database documents for %s", (column, words) => {
  expect([...words]).toEqual(documentedWords(sql, column));
});

test("the rule status_fits knows the same words", () => {
  expect(functionWords(sql, "private.status_fits")).toEqual([...TASK_STATUSES].sort());
});

test.each([
  ["reward_funding_is_known", REWARD_FUNDINGS],
  ["offer_status_is_known", OFFER_STATUSES],
])("the constraint %s knows the same words", (constraint, words) => {
  expect(constraintWords(sql, constraint)).toEqual([...words].sort());
});

test("the contract has the same root categories as the migrations", () => {
  const insert =
    /insert into public\.categories \(slug, name_de, name_en, position\) values([^;]*);/u.exec(sql)?.[1] ?? "";
  const roots = [...insert.matchAll(/\('([a-z0-9-]+)'/gu)].map(([, slug]) => slug);
  expect(roots).toEqual([...ROOT_CATEGORIES]);
});
