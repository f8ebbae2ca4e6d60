/** Password of the invented people in `supabase/seed.sql`. */
export const DEMO_PASSWORD = "neighbour-demo";
