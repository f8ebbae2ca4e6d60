import type { Queries } from "../core/connection.ts";
import type { Member } from "./judge-member.ts";
import { judge, remaining, stage, type Written } from "./stage.ts";

const TYPES: Readonly<Record<keyof Member, string>> = {
  n: "integer",
  id: "uuid",
  email: "text",
  password_hash: "text",
  name: "text",
  avatar_url: "text",
  bio: "text",
  phone_number: "text",
  login_phone: "text",
  address: "text",
  latitude: "double precision",
  longitude: "double precision",
  language: "text",
  balance: "integer",
  provider: "text",
  provider_id: "text",
  email_confirmed: "boolean",
  is_banned: "boolean",
  ban_reason: "text",
  banned_at: "timestamptz",
  created_at: "timestamptz",
  updated_at: "timestamptz",
  last_sign_in_at: "timestamptz",
};

/** What the Auth server keeps of a login: not every Auth has all columns. Its tokens may not be null. */
const LOGIN: Readonly<Record<string, string>> = {
  instance_id: "'00000000-0000-0000-0000-000000000000'",
  id: "b.id",
  aud: "'authenticated'",
  role: "'authenticated'",
  email: "b.email",
  encrypted_password: "coalesce(b.password_hash, '')",
  email_confirmed_at: "case when b.email_confirmed then coalesce(b.created_at, now()) end",
  phone: "b.login_phone",
  phone_confirmed_at: "case when b.login_phone is not null then coalesce(b.created_at, now()) end",
  confirmation_token: "''",
  recovery_token: "''",
  email_change: "''",
  email_change_token_new: "''",
  email_change_token_current: "''",
  phone_change: "''",
  phone_change_token: "''",
  reauthentication_token: "''",
  raw_app_meta_data: `jsonb_build_object(
    'provider', case when b.password_hash is null then coalesce(b.provider, 'email') else 'email' end,
    'providers', array_remove(array[
      case when b.password_hash is not null or b.provider is null then 'email' end, b.provider,
      case when b.login_phone is not null then 'phone' end], null))`,
  raw_user_meta_data: `jsonb_strip_nulls(jsonb_build_object('sub', b.id, 'email', b.email, 'name', b.name,
    'avatar_url', b.avatar_url, 'email_verified', b.email_confirmed, 'phone_verified', b.login_phone is not null))`,
  created_at: "coalesce(b.created_at, now())",
  updated_at: "coalesce(b.updated_at, now())",
  last_sign_in_at: "b.last_sign_in_at",
};

/** Finds the columns of LOGIN that this Auth has. */
export async function loginColumns(session: Queries): Promise<string[]> {
  const found = await session.query<{ name: string }>(
    `select attname as name from pg_attribute
     where attrelid = 'auth.users'::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
  );
  return Object.keys(LOGIN).filter((name) => found.some((column) => column.name === name));
}

const VERDICTS = `
  select b.n, v.outcome, v.field, v.problem
  from pg_temp.import_batch b cross join lateral (
    select case when exists (select from public.users u where u.id = b.id) then 'known' else 'refused' end, 'id', 'login_taken'
    where exists (select from public.users u where u.id = b.id) or exists (select from auth.users l where l.id = b.id)
    union all
    select 'refused', 'email', 'email_taken'
    where exists (select from auth.users l where l.email = b.email and not l.is_sso_user and l.id <> b.id)
      and not exists (select from public.users u where u.id = b.id)
    union all
    select 'mended', 'phone_verified', 'phone_number_taken'
    where exists (select from auth.users l where l.phone = b.login_phone and l.id <> b.id)
    union all
    select 'mended', 'oauth_id', 'oauth_identity_taken'
    where exists (select from auth.identities i
      where (i.provider, i.provider_id) = (b.provider, b.provider_id) and i.user_id <> b.id)
  ) v (outcome, field, problem)`;

const MEMBERS = `
  insert into public.users (id, name, bio, is_email_verified, is_phone_verified, is_banned, created_at, updated_at)
  select b.id, b.name, b.bio, b.email_confirmed, b.login_phone is not null, b.is_banned, coalesce(b.created_at, now()),
    coalesce(b.updated_at, now())
  from pg_temp.import_batch b`;

const CONTACTS = `
  insert into public.user_contacts (user_id, phone_number, address, latitude, longitude)
  select b.id, b.phone_number, b.address, b.latitude, b.longitude from pg_temp.import_batch b`;

const LANGUAGES = `
  update public.user_settings s set language = b.language from pg_temp.import_batch b
  where s.user_id = b.id and b.language <> s.language`;

const IDENTITIES = `
  insert into auth.identities (id, user_id, provider, provider_id, identity_data, last_sign_in_at, created_at, updated_at)
  select gen_random_uuid(), b.id, i.provider, i.provider_id, i.data, b.last_sign_in_at, coalesce(b.created_at, now()),
    coalesce(b.updated_at, now())
  from pg_temp.import_batch b cross join lateral (values
    ('email', b.id::text, b.password_hash is not null or b.provider is null, jsonb_build_object('sub', b.id,
      'email', b.email, 'email_verified', b.email_confirmed, 'phone_verified', b.login_phone is not null)),
    (b.provider, b.provider_id, b.provider is not null, jsonb_build_object('sub', b.provider_id, 'email', b.email,
      'name', b.name)),
    ('phone', b.id::text, b.login_phone is not null, jsonb_build_object('sub', b.id, 'phone', b.login_phone,
      'phone_verified', true))) i (provider, provider_id, is_there, data)
  where i.is_there`;

const BANS = `
  with banned as (
    insert into public.user_bans (user_id, reason, banned_at)
    select b.id, b.ban_reason, coalesce(b.banned_at, now()) from pg_temp.import_batch b where b.is_banned
    returning user_id)
  insert into private.audit_log (action, subject_id, details)
  select 'banned', b.id, jsonb_build_object('imported_from', $1::text) from banned join pg_temp.import_batch b on b.id = user_id`;

/** Counts neither as earned nor as spent: what was done for it there is not known here. */
const BALANCES = `
  insert into public.point_transactions (user_id, amount, type, balance_after, description, metadata)
  select b.id, b.balance, 'admin_adjustment', 0, $1, jsonb_build_object('imported_from', $2::text)
  from pg_temp.import_batch b where b.balance > 0 order by b.id`;

const AUDIT = `
  insert into private.audit_log (action, details)
  select 'members_imported', jsonb_build_object('imported_from', $1::text, 'members', count(*), 'points', sum(b.balance))
  from pg_temp.import_batch b having count(*) > 0`;

/** What the rows of a source are told by later. */
export interface Labels {
  source: string;
  openingBalance: string;
}

/**
 * Judges a batch beside what the database has, and writes the rest: members, contact data, logins, identities, bans, opening balances.
 * Settings, point accounts and totals come by the triggers of public.users. To be called in a transaction.
 *
 * @param labels undefined: only judges.
 */
export async function writeMembers(
  session: Queries,
  members: readonly Member[],
  columns: readonly string[],
  labels: Labels | undefined,
): Promise<Written> {
  await stage(session, members, TYPES);
  const judged = await judge(session, VERDICTS);
  const without = (problem: string) => judged.verdicts.filter((one) => one.problem === problem).map(({ n }) => n);
  const update = (set: string, numbers: number[]) =>
    session.query(`update pg_temp.import_batch set ${set} where n = any ($1::integer[])`, [numbers]);
  await update("login_phone = null", without("phone_number_taken"));
  await update("provider = null, provider_id = null", without("oauth_identity_taken"));
  const inserted = await remaining(session);
  if (labels !== undefined && inserted.length > 0) {
    await session.query(MEMBERS);
    await session.query(CONTACTS);
    await session.query(LANGUAGES);
    // after the member: private.follow_login has nothing left to do
    await session.query(
      `insert into auth.users (${columns.join(", ")}) select ${columns.map((name) => LOGIN[name]).join(", ")}
       from pg_temp.import_batch b`,
    );
    await session.query(IDENTITIES);
    await session.query(BANS, [labels.source]);
    await session.query(BALANCES, [labels.openingBalance, labels.source]);
    await session.query(AUDIT, [labels.source]);
  }
  return { ...judged, inserted };
}
