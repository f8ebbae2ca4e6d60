-- The demo data are in supabase/seed.sql, where npm start and the Supabase CLI run them. This runs them with psql:
--   psql "$DATABASE_URL" -f seed.sql
\ir supabase/seed.sql
