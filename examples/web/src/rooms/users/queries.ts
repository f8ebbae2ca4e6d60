import type { NeighbourhoodClient } from "@neighbourhood-help/client";
import { queryOptions } from "@tanstack/react-query";

/** The member's own profile with points. */
export const meQuery = ({ users }: NeighbourhoodClient) =>
  queryOptions({ queryKey: ["users", "me"], queryFn: ({ signal }) => users.me({ signal }) });

/** Language, time zone and consents of the member. */
export const settingsQuery = ({ users }: NeighbourhoodClient) =>
  queryOptions({ queryKey: ["users", "settings"], queryFn: ({ signal }) => users.settings({ signal }) });

/** Changes of them are sent one after the other: what the app writes for a new member must not come after what they choose. */
export const SETTINGS_TURN = "settings";

/** Phone number, address and home of the member. */
export const contactQuery = ({ users }: NeighbourhoodClient) =>
  queryOptions({ queryKey: ["users", "contact"], queryFn: ({ signal }) => users.contact({ signal }) });

/** Whom the member has blocked. */
export const blockedQuery = ({ users }: NeighbourhoodClient) =>
  queryOptions({ queryKey: ["users", "blocked"], queryFn: ({ signal }) => users.blocked({ signal }) });

/** The profile of a member. */
export const memberQuery = ({ users }: NeighbourhoodClient, userId: string) =>
  queryOptions({ queryKey: ["users", "member", userId], queryFn: ({ signal }) => users.get(userId, { signal }) });

/** What a member did so far. */
export const figuresQuery = ({ statistics }: NeighbourhoodClient, userId: string) =>
  queryOptions({
    queryKey: ["statistics", "user", userId],
    queryFn: ({ signal }) => statistics.ofUser(userId, { signal }),
  });
