/** Password of the invented people in `supabase/seed.sql`. */
export const DEMO_PASSWORD = "neighbour-demo";

/** Ids of the invented partners in `supabase/seed.sql`. */
export const DEMO_PARTNERS = {
  /** Its codes are generated. */
  bakery: "e0000000-0000-4000-8000-000000000001",
  /** Its codes come from a pool. */
  bookshop: "e0000000-0000-4000-8000-000000000002",
  /** Its codes come from a system of its own, {@link createDemoCodeService}. */
  swimmingHall: "e0000000-0000-4000-8000-000000000003",
} as const;

/** The reward whose codes come from a pool. */
export const DEMO_POOL_REWARD = "e2000000-0000-4000-8000-000000000003";
