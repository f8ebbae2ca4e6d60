import { expect, test } from "vitest";
import {
  NOTIFICATION_CHANNELS,
  NOTIFICATION_DIGESTS,
} from "../../supabase/functions/_shared/contracts/notifications.ts";
import { LIMIT_PERIODS } from "../../supabase/functions/_shared/contracts/partners.ts";
import { PLACE_CATEGORIES, PLACE_SOURCES, WEEKDAYS } from "../../supabase/functions/_shared/contracts/places.ts";
import { POINT_TRANSACTION_TYPES } from "../../supabase/functions/_shared/contracts/points.ts";
import {
  MAX_SCORE,
  MIN_SCORE,
  TRUST_FORMULAS,
  TRUST_PARTS,
} from "../../supabase/functions/_shared/contracts/ratings.ts";
import { DISTANCE_BANDS } from "../../supabase/functions/_shared/contracts/recommendations.ts";
import {
  CODE_SOURCES,
  DISCOUNT_TYPES,
  MAX_POINTS_COST,
  MIN_POINTS_COST,
  REDEMPTION_END_REASONS,
  REDEMPTION_STATUSES,
} from "../../supabase/functions/_shared/contracts/redemptions.ts";
import {
  OFFER_STATUSES,
  REWARD_FUNDINGS,
  ROOT_CATEGORIES,
  TASK_EVENT_ACTIONS,
  TASK_STATUSES,
} from "../../supabase/functions/_shared/contracts/tasks.ts";
import { LANGUAGES } from "../../supabase/functions/_shared/contracts/users.ts";
import { constraintWords, documentedWords, functionWords, readMigrations } from "./support/migrations.ts";

const sql = readMigrations();

test.each([
  ["tasks.status", TASK_STATUSES],
  ["tasks.reward_funding", REWARD_FUNDINGS],
  ["task_offers.status", OFFER_STATUSES],
  ["task_events.action", TASK_EVENT_ACTIONS],
  ["point_transactions.type", POINT_TRANSACTION_TYPES],
  ["user_settings.language", LANGUAGES],
  ["places.category", PLACE_CATEGORIES],
  ["places.source", PLACE_SOURCES],
  ["rewards.discount_type", DISCOUNT_TYPES],
  ["rewards.code_source", CODE_SOURCES],
  ["redemptions.status", REDEMPTION_STATUSES],
  ["redemptions.end_reason", REDEMPTION_END_REASONS],
])("the contract has the words that the database documents for %s", (column, words) => {
  expect([...words]).toEqual(documentedWords(sql, column));
});

test.each([
  ["status_fits", TASK_STATUSES],
  ["status_fits_its_moments", REDEMPTION_STATUSES],
])("the rule %s knows the same words", (rule, words) => {
  expect(functionWords(sql, `private.${rule}`)).toEqual([...words].sort());
});

test.each([
  ["reward_funding_is_known", REWARD_FUNDINGS],
  ["trust_formula_is_known", TRUST_FORMULAS],
  ["offer_status_is_known", OFFER_STATUSES],
  ["place_category_is_known", PLACE_CATEGORIES],
  ["place_source_is_known", PLACE_SOURCES],
  ["distance_band_is_known", DISTANCE_BANDS],
  ["discount_is_complete", DISCOUNT_TYPES],
  ["limit_period_is_known", LIMIT_PERIODS],
  ["code_source_is_known", CODE_SOURCES],
  ["channel_is_known", NOTIFICATION_CHANNELS],
  ["digest_is_known", NOTIFICATION_DIGESTS],
])("the constraint %s knows the same words", (constraint, words) => {
  expect(constraintWords(sql, constraint)).toEqual([...words].sort());
});

test("the contract has the same root categories as the migrations", () => {
  const insert =
    /insert into public\.categories \(slug, name_de, name_en, position\) values([^;]*);/u.exec(sql)?.[1] ?? "";
  const roots = [...insert.matchAll(/\('([a-z0-9-]+)'/gu)].map(([, slug]) => slug);
  expect(roots).toEqual([...ROOT_CATEGORIES]);
});

test("the contract has the scores and the parts of trust of the migrations", () => {
  expect(sql).toContain(`check (score between ${MIN_SCORE} and ${MAX_SCORE})`);
  const body = /create function private\.explain_trust\(.*?end \$\$;/su.exec(sql)?.[0] ?? "";
  const parts = [...body.matchAll(/^ {4,6}(?:return query values )?\('([a-z]+)', /gmu)].map(([, part]) => part);
  expect(parts.toSorted()).toEqual([...TRUST_PARTS].sort());
});

test("the contract has the prices and the weekdays of the migrations", () => {
  expect(sql).toContain(`check (points_cost between ${MIN_POINTS_COST} and ${MAX_POINTS_COST})`);
  expect(sql).toContain(`"^(${WEEKDAYS.join("|")})$"`);
});
