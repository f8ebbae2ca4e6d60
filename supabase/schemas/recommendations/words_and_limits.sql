-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create domain public.distance_band as text constraint distance_band_is_known check (value in (
  'under_1_km', '1_to_3_km', '3_to_10_km'));
comment on domain public.distance_band is 'How far away a suggested helper lives; nothing finer is known.';
