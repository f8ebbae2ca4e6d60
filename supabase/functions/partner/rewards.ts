import type { Handlers } from "./call.ts";

/** The database's spelling of a body's fields. */
function snakeKeys(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => [key.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`), value]),
  );
}

/** Who the partner is and what it offers. */
export const rewardHandlers = {
  readPartner: ({ database, keyHash }) => database.call("read_partner", { api_key_hash: keyHash }),

  listRewards: ({ database, keyHash, query }) =>
    database.call("list_partner_rewards", {
      api_key_hash: keyHash,
      page_size: query.pageSize,
      after: query.after ?? null,
    }),

  createReward: ({ database, keyHash, body }) =>
    database.call("create_reward", { api_key_hash: keyHash, reward: snakeKeys(body) }),

  changeReward: ({ database, keyHash, path, body }) =>
    database.call("change_reward", { api_key_hash: keyHash, reward_id: path.id, changes: snakeKeys(body) }),

  retireReward: ({ database, keyHash, path }) =>
    database.call("retire_reward", { api_key_hash: keyHash, reward_id: path.id }),
} satisfies Partial<Handlers>;
