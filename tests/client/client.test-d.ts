import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { describe, expectTypeOf, test } from "vitest";
import {
  ApiError,
  confirmTask,
  createNeighbourhoodClient,
  type Database,
  type ErrorSlug,
  type FoundPlace,
  type FoundTask,
  type LeaderboardEntry,
  type MonthlyStatistics,
  type NearbyTask,
  type Notification,
  type NotificationTypeName,
  type Page,
  type PointTransaction,
  type PointTransactionWithTask,
  type Preference,
  type RecommendedPlace,
  type RecommendedTask,
  type Redemption,
  type RedemptionStatus,
  type RedemptionWithCode,
  type RewardWithPartner,
  redeemReward,
  type SuggestedHelper,
  type Task,
  type TaskMarker,
  type TaskStatus,
  type UserStatistics,
} from "../../src/client/index.ts";

const supabase = createClient<Database>("http://rest.test", "key");
const { users, tasks, points, rewards, redemptions, places, recommendations } = createNeighbourhoodClient(supabase);

describe("the supabase-js client it takes", () => {
  test("may be typed or untyped, but must be one", () => {
    expectTypeOf(createNeighbourhoodClient).toBeCallableWith(createClient("http://rest.test", "key"));
    expectTypeOf(createNeighbourhoodClient).parameter(0).toEqualTypeOf<SupabaseClient<Database>>();
    // @ts-expect-error a URL is no client
    createNeighbourhoodClient("http://rest.test");
  });
});

describe("rows", () => {
  test("are the generated rows with unions for fixed words", () => {
    expectTypeOf(tasks.confirm).returns.resolves.toEqualTypeOf<Task>();
    expectTypeOf<Task>().toExtend<Database["public"]["Tables"]["tasks"]["Row"]>();
    expectTypeOf<keyof Task>().toEqualTypeOf<keyof Database["public"]["Tables"]["tasks"]["Row"]>();
    expectTypeOf<Task["status"]>().toEqualTypeOf<TaskStatus>();
    expectTypeOf<Task["helper_id"]>().toEqualTypeOf<string | null>();
    expectTypeOf<PointTransaction>().toExtend<Database["public"]["Tables"]["point_transactions"]["Row"]>();
  });

  test("carry the people that were embedded", async () => {
    const task = await tasks.get("id");
    expectTypeOf(task.creator.name).toEqualTypeOf<string>();
    expectTypeOf(task.helper).toEqualTypeOf<typeof task.creator | null>();
    const [mine] = (await tasks.minePage({ as: "creator" })).items;
    expectTypeOf(mine?.offers[0]?.helper.rating_average).toEqualTypeOf<number | undefined>();
    const [offer] = (await tasks.myOffersPage()).items;
    expectTypeOf(offer?.task?.creator.name).toEqualTypeOf<string | undefined>();
  });

  test("of the nearby search have a distance, a cursor, and no exact place", () => {
    expectTypeOf(tasks.nearbyPage).returns.resolves.toEqualTypeOf<Page<NearbyTask>>();
    expectTypeOf<NearbyTask["distance_m"]>().toEqualTypeOf<number>();
    expectTypeOf<NearbyTask["expires_at"]>().toEqualTypeOf<string | null>();
    expectTypeOf<NearbyTask>().not.toHaveProperty("location");
    expectTypeOf<keyof NearbyTask>().toEqualTypeOf<
      keyof Database["public"]["Functions"]["nearby_tasks"]["Returns"][number]
    >();
  });

  test("of the map are clusters, or show their tasks", async () => {
    const [marker] = await tasks.map({ west: 13.3, south: 52.4, east: 13.5, north: 52.6, zoom: 12.5 });
    expectTypeOf(marker).toEqualTypeOf<TaskMarker | undefined>();
    expectTypeOf<TaskMarker["splits_at_zoom"]>().toEqualTypeOf<number | null>();
    expectTypeOf(marker?.tasks?.[0]?.starts_at).toEqualTypeOf<string | null | undefined>();
  });

  test("of statistics have the columns the functions return", () => {
    type Row<Name extends "leaderboard" | "user_statistics" | "monthly_statistics"> =
      Database["public"]["Functions"][Name]["Returns"][number];
    expectTypeOf<keyof LeaderboardEntry>().toEqualTypeOf<keyof Row<"leaderboard">>();
    expectTypeOf<keyof UserStatistics>().toEqualTypeOf<keyof Row<"user_statistics">>();
    expectTypeOf<keyof MonthlyStatistics>().toEqualTypeOf<keyof Row<"monthly_statistics">>();
    expectTypeOf<MonthlyStatistics["tasks_completed"]>().toEqualTypeOf<number | null>();
    expectTypeOf<UserStatistics["points_balance"]>().toEqualTypeOf<number | null>();
  });

  test("of notifications have a type that a switch can exhaust", () => {
    expectTypeOf<Notification["type"]>().toEqualTypeOf<NotificationTypeName>();
    expectTypeOf<"task_confirmed">().toExtend<Notification["type"]>();
    expectTypeOf<string>().not.toExtend<Notification["type"]>();
    expectTypeOf<Notification["task_id"]>().toEqualTypeOf<string | null>();
  });

  test("of the searches have exactly the columns that the database returns", () => {
    type Functions = Database["public"]["Functions"];
    expectTypeOf<keyof FoundTask>().toEqualTypeOf<keyof Functions["search_tasks"]["Returns"][number]>();
    expectTypeOf<keyof FoundPlace>().toEqualTypeOf<keyof Functions["search_places"]["Returns"][number]>();
  });

  test("of the signed-in member have points, those of others do not", () => {
    expectTypeOf(users.me).returns.resolves.toHaveProperty("points_balance");
    expectTypeOf(users.get).returns.resolves.not.toHaveProperty("points_balance");
  });

  test("of members and offers say how reliable somebody is", async () => {
    expectTypeOf((await users.get("id")).finished_tasks).toEqualTypeOf<number | null>();
    expectTypeOf((await tasks.offers("id"))[0]?.helper.accepted_tasks).toEqualTypeOf<number | null | undefined>();
    expectTypeOf(users.updateProfile).returns.resolves.not.toHaveProperty("accepted_tasks");
  });

  test("of recommendations are places and tasks with reasons, and have exactly the columns of the database", () => {
    expectTypeOf(recommendations.placesPage).returns.resolves.toEqualTypeOf<Page<RecommendedPlace>>();
    expectTypeOf<keyof RecommendedPlace>().toEqualTypeOf<
      keyof Database["public"]["Functions"]["recommended_places"]["Returns"][number]
    >();
    expectTypeOf<keyof RecommendedTask>().toEqualTypeOf<
      keyof Database["public"]["Functions"]["recommended_tasks"]["Returns"][number]
    >();
    expectTypeOf<keyof SuggestedHelper>().toEqualTypeOf<
      keyof Database["public"]["Functions"]["suggest_helpers"]["Returns"][number]
    >();
    expectTypeOf(recommendations.setPreference).returns.resolves.toEqualTypeOf<Preference | null>();
    expectTypeOf(places.add).returns.resolves.not.toHaveProperty("location");
  });

  test("of rewards have their partner and their stock", async () => {
    expectTypeOf(rewards.get).returns.resolves.toEqualTypeOf<RewardWithPartner>();
    expectTypeOf<RewardWithPartner>().toExtend<Database["public"]["Tables"]["rewards"]["Row"]>();
    const { partner, stock, code_source, limit_period } = await rewards.get("id");
    expectTypeOf(partner.name).toEqualTypeOf<string>();
    expectTypeOf(stock).toEqualTypeOf<{ total: number; taken: number } | null>();
    expectTypeOf(code_source).toEqualTypeOf<"generated" | "pool" | "partner_api">();
    expectTypeOf(limit_period).toEqualTypeOf<"day" | "week" | "month" | "year" | null>();
    const [place] = (await places.listPage()).items;
    expectTypeOf(place?.opening_hours?.mon?.[0]).toEqualTypeOf<readonly [from: string, to: string] | undefined>();
  });

  test("of redemptions look the same in lists and answers, and only answers have codes", () => {
    expectTypeOf(redemptions.listPage).returns.resolves.toEqualTypeOf<Page<Redemption>>();
    expectTypeOf(redemptions.redeem).returns.resolves.toEqualTypeOf<RedemptionWithCode>();
    expectTypeOf(redemptions.get).returns.resolves.toEqualTypeOf<RedemptionWithCode>();
    expectTypeOf(redemptions.waitForCode).returns.resolves.toEqualTypeOf<RedemptionWithCode>();
    expectTypeOf<RedemptionWithCode["redemption"]>().toEqualTypeOf<Redemption>();
    expectTypeOf<RedemptionWithCode["code"]>().toEqualTypeOf<string | null>();
    expectTypeOf<Redemption>().not.toHaveProperty("code");
    expectTypeOf<Redemption>().not.toHaveProperty("idempotency_key");
    expectTypeOf<Redemption["status"]>().toEqualTypeOf<RedemptionStatus>();
  });

  test("come one by one from iterators", () => {
    expectTypeOf(points.history).returns.toEqualTypeOf<AsyncGenerator<PointTransactionWithTask, void, undefined>>();
    expectTypeOf(tasks.nearby).returns.toEqualTypeOf<AsyncGenerator<NearbyTask, void, undefined>>();
  });
});

describe("inputs", () => {
  const task = { title: "abc", description: "d", category: "garten", latitude: 1, longitude: 2, points_reward: 3 };

  test("take what the contracts take", () => {
    expectTypeOf(tasks.create).toBeCallableWith(task);
    expectTypeOf(tasks.create).toBeCallableWith({ ...task, expires_at: new Date(), metadata: { a: [1, null] } });
    expectTypeOf(tasks.finish).toBeCallableWith("id", {}, { signal: new AbortController().signal });
    expectTypeOf(tasks.mine).toBeCallableWith({ as: "helper", status: ["open", "assigned"] });
    expectTypeOf(confirmTask).toBeCallableWith(supabase, "id");
    expectTypeOf(redeemReward).toBeCallableWith(supabase, { reward_id: "id", expected_points: 5 });
    expectTypeOf(redemptions.redeem).toBeCallableWith({ reward_id: "id", expected_points: 5, idempotency_key: "key" });
    expectTypeOf(redemptions.waitForCode).toBeCallableWith("id", { timeoutMs: 1, signal: AbortSignal.abort() });
    expectTypeOf(rewards.list).toBeCallableWith();
  });

  test("refuse the rest", () => {
    // @ts-expect-error the reward is missing
    tasks.create({ title: "abc", description: "d", category: "garten", latitude: 1, longitude: 2 });
    // @ts-expect-error nobody sets a status
    tasks.create({ ...task, status: "completed" });
    // @ts-expect-error a rejection needs a reason
    tasks.rejectCompletion("id", {});
    // @ts-expect-error no such role
    tasks.mine({ as: "admin" });
    // @ts-expect-error no such order
    tasks.nearby({ latitude: 1, longitude: 2, sort: "price" });
    // @ts-expect-error the price that was shown is missing
    redemptions.redeem({ reward_id: "id" });
    // @ts-expect-error who redeems is told by the login
    redemptions.redeem({ reward_id: "id", expected_points: 5, user_id: "me" });
    // @ts-expect-error no such status
    redemptions.list({ status: "lost" });
    // @ts-expect-error the task is named first and for good
    tasks.update("id", { task_id: "other" });
  });
});

describe("errors", () => {
  test("have a closed set of codes", () => {
    expectTypeOf<ApiError["code"]>().toEqualTypeOf<ErrorSlug>();
    expectTypeOf<"task_not_open">().toExtend<ErrorSlug>();
    expectTypeOf<"no_such_slug">().not.toExtend<ErrorSlug>();
    expectTypeOf<ApiError>().toExtend<Error>();
    expectTypeOf(new ApiError({ code: "task_not_open" }).text)
      .parameter(0)
      .toEqualTypeOf<"de" | "en">();
  });
});
