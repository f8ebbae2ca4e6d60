import { inject } from "vitest";
import { signUpBySql } from "../../support/admin.ts";
import { membersWithPoints } from "../../support/redemptions.ts";
import { send } from "../../support/requests.ts";
import { sqlThrough } from "../../support/sql-door.ts";
import type { FunctionStack } from "../../support/use-function-stack.ts";
import { openClient, signIn } from "../../support/use-stack.ts";
import type { BrowserStackAddress } from "./stack.setup.ts";

/** The stack that all files share, with the demo neighbourhood: they run side by side, and none may count on being alone. */
export type BrowserStack = BrowserStackAddress & Pick<FunctionStack, "sql" | "send" | "members" | "client">;

/** Connects to it; the end of the run proves that books, projections and histories are right. */
export function useBrowserStack(): BrowserStack {
  const address = inject("browserStack");
  const sql = sqlThrough(address.sqlDoor);
  return {
    ...address,
    sql,
    send: (path, request) => send(address.url, path, request),
    client: (token) => openClient(address, token),
    async members(count, points = 0) {
      const ids = points === 0 ? await signUpBySql(sql, count) : await membersWithPoints(sql, count, points);
      return Promise.all(ids.map((id) => signIn(address, id)));
    },
  };
}
