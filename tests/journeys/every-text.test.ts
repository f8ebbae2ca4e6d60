import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { AuthApiError, AuthRetryableFetchError, AuthSessionMissingError } from "@supabase/supabase-js";
import { beforeAll, describe, expect, test } from "vitest";
import { AUTH_ERROR_TEXTS } from "../../src/client/auth-errors.ts";
import { authErrorText } from "../../src/client/index.ts";
import { ERRORS, type ErrorSlug, errorText, type Locale } from "../../supabase/functions/_shared/contracts/errors.ts";
import type { DeliveredNotification } from "../../supabase/functions/send-notifications/delivery.ts";
import { escapeHtml, writeMail } from "../../supabase/functions/send-notifications/mail.ts";
import { askPage, donePage, invalidPage } from "../../supabase/functions/unsubscribe/page.ts";
import { playTask, taskArgs } from "../support/scenario.ts";
import { useStack } from "../support/use-stack.ts";

/**
 * Every message that a person can see, in both languages and with real values. What can be checked is checked; the rest is
 * for reading: the page's path is printed. Messages come from the catalogue and the contracts, so a new one is on the page
 * by itself.
 */

const { sql, call, members } = useStack();
const PAGE = new URL("../../.cache/every-text.html", import.meta.url);
const LOCALES = ["de", "en"] as const satisfies Locale[];

/** One message, or the same one with other values. */
interface Message {
  readonly kind: string;
  readonly name: string;
  readonly de: string;
  readonly en: string;
}
const messages: Message[] = [];
const inBoth = (kind: string, name: string, textIn: (locale: Locale) => string) =>
  messages.push({ kind, name, de: textIn("de"), en: textIn("en") });

/** Facts for the placeholders: one of each thing, several, and somebody who is not named. */
const SCENES: readonly { actor: Record<Locale, string>; lasts: string; [fact: string]: unknown }[] = [
  { actor: both("Jonas Öztürk"), task: "Rasen mähen", points: 1, days: 1, score: 1, lasts: "65 minutes" },
  { actor: both("Anna"), task: "Fahrrad von Oma reparieren", points: 20, days: 3, score: 4, lasts: "3 days" },
  {
    actor: { de: "Ein Mitglied", en: "A member" },
    task: "Einkauf",
    points: 100,
    days: 10,
    score: 5,
    lasts: "9 minutes",
  },
];
const ELSEWHERE = { latitude: 52.6, longitude: 13.5 };
const REWARD = { de: "Ein Brot nach Wahl", en: "One loaf of your choice" };
const CHANGES = { de: "Ort, Zeit", en: "place, time" };

function both(text: string): Record<Locale, string> {
  return { de: text, en: text };
}

type Texts = Record<`${string}_${Locale}`, string | null>;

/** Fills a text of the catalogue as the database does. */
async function filled(template: string, scene: (typeof SCENES)[number], locale: Locale): Promise<string> {
  const known = {
    ...scene,
    actor: scene.actor[locale],
    reward: REWARD[locale],
    changes: CHANGES[locale],
    left: "",
  };
  const used = [...template.matchAll(/\{([a-z]+)[,}]/gu)].map(([, name = ""]) => name);
  expect(Object.keys(known), template).toEqual(expect.arrayContaining(used));
  const [row] = await sql<{ text: string }>(
    `select private.fill_in($1, $2::text::jsonb
       || jsonb_build_object('left', private.time_left(now() + $3::text::interval, $4))) as text`,
    [template, JSON.stringify(known), scene.lasts, locale],
  );
  return row?.text ?? "";
}

const withoutTags = (html: string) =>
  html
    .replace(/<style>.*<\/style>/su, "")
    .replace(/<[^>]*>/gu, "\n")
    .replace(/&#(\d+);/gu, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/\s*\n\s*/gu, "\n")
    .trim();

async function collectNotifications(): Promise<void> {
  const types = await sql<Texts & { type: string }>("select * from public.notification_types order by type");
  expect(types.length).toBeGreaterThan(15);
  for (const [number, scene] of SCENES.entries()) {
    const delivered = new Map<Locale, DeliveredNotification[]>([
      ["de", []],
      ["en", []],
    ]);
    for (const type of types) {
      const text = async (part: string, locale: Locale) => filled(type[`${part}_${locale}`] ?? "", scene, locale);
      const [title, body, past] = await Promise.all(
        ["title", "body", "past"].map(async (part) => ({ de: await text(part, "de"), en: await text(part, "en") })),
      );
      if (!title || !body || !past) throw new Error(`${type.type} has no texts`);
      inBoth("notification: title", type.type, (locale) => title[locale]);
      inBoth("notification: text", type.type, (locale) => body[locale]);
      if (type["past_de"] !== null) inBoth("notification: once it is over", type.type, (locale) => past[locale]);
      for (const locale of LOCALES) {
        delivered.get(locale)?.push({
          id: number,
          type: type.type,
          title: title[locale],
          body: body[locale],
          task_id: null,
          offer_id: null,
          redemption_id: null,
          created_at: "2026-11-21T12:00:00+00:00",
        });
      }
    }
    collectMails(delivered, scene.actor);
  }
}

function collectMails(delivered: Map<Locale, DeliveredNotification[]>, name: Record<Locale, string>): void {
  const links = {
    app: "https://app.example",
    noMoreOfThisType: "https://app.example/no",
    noMoreAtAll: "https://app.example/none",
  };
  const mailOf = (locale: Locale, kind: "single" | "digest", from: number, count: number) =>
    writeMail(
      {
        kind,
        language: locale,
        name: /^(?:Ein|A) /u.test(name[locale]) ? null : name[locale],
        notifications: delivered.get(locale)?.slice(from, from + count) ?? [],
      },
      { ...links, noMoreOfThisType: kind === "single" ? links.noMoreOfThisType : undefined },
    );
  for (const [index, { type }] of (delivered.get("en") ?? []).entries()) {
    inBoth("e-mail: subject", type, (locale) => mailOf(locale, "single", index, 1).subject);
    inBoth("e-mail: text", type, (locale) => mailOf(locale, "single", index, 1).text);
    inBoth("e-mail: page", type, (locale) => withoutTags(mailOf(locale, "single", index, 1).html));
  }
  for (const count of [1, 2, 20]) {
    inBoth("e-mail: subject", `digest of ${count}`, (locale) => mailOf(locale, "digest", 0, count).subject);
    inBoth("e-mail: page", `digest of ${count}`, (locale) => withoutTags(mailOf(locale, "digest", 0, count).html));
  }
}

async function collectErrors(): Promise<void> {
  const fields = await sql<{ field: string }>(
    `select distinct m[1] as field from pg_proc p, regexp_matches(p.prosrc, 'clean(?:_optional)?_text\\([^,]+, ''([a-z_]+)''', 'g') m
     where p.pronamespace = 'private'::regnamespace order by 1`,
  );
  expect(fields.length).toBeGreaterThan(8);
  for (const slug of Object.keys(ERRORS) as ErrorSlug[]) {
    inBoth("error", slug, (locale) => errorText(slug, locale));
    if (!slug.startsWith("text_")) continue;
    for (const limit of [null, 1, 255]) {
      for (const { field } of fields) {
        inBoth("error: of a field", `${slug} ${field} ${limit ?? ""}`, (locale) =>
          errorText(slug, locale, { detail: field, limit }),
        );
      }
    }
  }
  for (const code of Object.keys(AUTH_ERROR_TEXTS)) {
    inBoth("error of Auth", code, (locale) => authErrorText(new AuthApiError("not for people", 400, code), locale));
  }
  for (const error of [
    new AuthRetryableFetchError("", 0),
    new AuthSessionMissingError(),
    new Error("not for people"),
    { status: 429 },
  ]) {
    inBoth("error of Auth", error.constructor.name, (locale) => authErrorText(error, locale));
  }
}

/** Rows with a text in German and English; what partners and the catalogue of notifications say stands elsewhere. */
async function collectNames(): Promise<void> {
  const columns = await sql<{ relation: string; de: string; en: string }>(
    `select format('%I.%I', g.table_schema, g.table_name) as relation, g.column_name as de, e.column_name as en
     from information_schema.columns g join information_schema.tables t using (table_schema, table_name)
     left join information_schema.columns e on (e.table_schema, e.table_name) = (g.table_schema, g.table_name)
       and e.column_name = regexp_replace(g.column_name, '_de$', '_en')
     where g.table_schema in ('public', 'private') and g.column_name like '%\\_de' and t.table_type = 'BASE TABLE'
       and g.table_name not in ('notification_types', 'rewards', 'redemptions')`,
  );
  expect(columns.map(({ relation }) => relation)).toContain("public.categories");
  for (const { relation, de, en } of columns) {
    const rows = await sql<{ de: string; en: string }>(
      `select ${de} as de, ${en} as en from ${relation} where ${de} is not null`,
    );
    for (const row of rows) messages.push({ kind: "name", name: relation, ...row });
  }
}

/** What functions say in both languages, by their names. */
const SPEAKERS: Readonly<Record<string, () => Promise<{ de: string; en: string }[]>>> = {
  place_categories: () => sql("select name_de as de, name_en as en from private.place_categories()"),
  explain_recommendation: () =>
    sql(
      `select e.explanation_de as de, e.explanation_en as en
       from public.categories c cross join (values (null, '', null, 0, 1), (1, 'Anna: ', 5.0, 1, 850), (4, '', 4.25, 7, 12345))
         v (preference, who, average, count, distance)
       cross join lateral private.explain_recommendation(c.name_de, c.name_en, v.preference, v.who, v.average, v.count, v.distance) e`,
    ),
  explain_trust: explainTrust,
  suggest_helpers: suggestHelpers,
  changes_since: changesSince,
};
/** These pass on what others say. */
const QUOTERS = ["list_notifications", "notification_texts", "recommended_places", "recommended_tasks"];

/** A count of ratings is put in by hand and taken back: a dozen real ones would say the same. */
async function explainTrust(): Promise<{ de: string; en: string }[]> {
  const [me] = await members(1);
  const said: { de: string; en: string }[] = [];
  const rated = (count: number) =>
    sql("update private.rating_totals set score_count = $2, score_sum = $2 * 4 where user_id = $1", [me.id, count]);
  for (const trust_formula of ["documented", "bayesian"]) {
    await sql("update private.settings set trust_formula = $1", [trust_formula]);
    for (const count of [0, 1, 12]) {
      await rated(count);
      const { data } = await me.api.rpc("explain_trust", { user_id: me.id });
      said.push(...(data ?? []).map(({ text_de, text_en }) => ({ de: text_de, en: text_en })));
    }
  }
  await rated(0);
  await sql("update private.settings set trust_formula = 'documented'");
  return said;
}

/** What an offering member is told of a change: one thing, and everything. */
async function changesSince(): Promise<{ de: string; en: string }[]> {
  const [creator, helper] = await members(2);
  const said: { de: string; en: string }[] = [];
  for (const change of [
    { starts_at: new Date(Date.now() + 86_400_000).toISOString() },
    { title: "Wash the car", description: "Both of them", category: "garten", ...ELSEWHERE },
  ]) {
    const { task, offer } = await playTask(call, creator.id, helper.id, "open");
    await call(creator.id, "update_task", { task_id: task.id, ...change });
    said.push(
      ...(await sql<{ de: string; en: string }>(
        "select changes_de as de, changes_en as en from private.changes_since($1)",
        [offer.id],
      )),
    );
  }
  return said;
}

async function suggestHelpers(): Promise<{ de: string; en: string }[]> {
  const [me, ...others] = await members(3);
  for (const helper of others) {
    await call(helper.id, "update_contact", { latitude: 52.52, longitude: 13.405 });
    await call(helper.id, "update_settings", { is_open_to_suggestions: true });
  }
  await call(others[0]?.id ?? "", "set_preference", { category: "transport", rating: 1 });
  const task = await call(me.id, "create_task", taskArgs());
  const { data } = await me.api.rpc("suggest_helpers", { task_id: task.id });
  return (data ?? []).map(({ explanation_de, explanation_en }) => ({ de: explanation_de, en: explanation_en }));
}

function collectPages(): void {
  for (const type of [null, "task_started"]) {
    inBoth("unsubscribing", "asks", (locale) => withoutTags(askPage(locale, type)));
    inBoth("unsubscribing", "done", (locale) => withoutTags(donePage(locale, type)));
  }
  inBoth("unsubscribing", "invalid", (locale) => withoutTags(invalidPage(locale)));
}

beforeAll(async () => {
  await collectNotifications();
  await collectErrors();
  await collectNames();
  for (const [name, speak] of Object.entries(SPEAKERS)) {
    for (const texts of await speak()) messages.push({ kind: "explanation", name, ...texts });
  }
  collectPages();
  mkdirSync(new URL(".", PAGE), { recursive: true });
  writeFileSync(PAGE, pageOf(messages));
  console.log(`To read: ${fileURLToPath(PAGE)}`);
});

function pageOf(all: readonly Message[]): string {
  const row = ({ name, de, en }: Message) =>
    `<tr><td>${escapeHtml(name)}</td><td lang="de">${escapeHtml(de)}</td><td lang="en">${escapeHtml(en)}</td></tr>`;
  const tables = [...Map.groupBy(all, ({ kind }) => kind)].map(
    ([kind, rows]) => `<h2>${kind}</h2>\n<table>\n${[...new Set(rows.map(row))].join("\n")}\n</table>`,
  );
  return `<!doctype html>
<meta charset="utf-8"><title>Every text</title>
<style>
body { font: 15px/1.4 sans-serif; } td { padding: 4px 12px; vertical-align: top; border-top: 1px solid #ddd; white-space: pre-line; }
</style>
${tables.join("\n")}
`;
}

test("every function that says something in both languages is asked", async () => {
  const names = await sql<{ name: string }>(
    `select distinct p.proname::text as name
     from pg_proc p cross join lateral (
       select name from unnest(p.proargnames, p.proargmodes) a (name, mode) where a.mode in ('o', 't')
       union all select a.attname from pg_type t join pg_attribute a on a.attrelid = t.typrelid
       where t.oid = p.prorettype and has_function_privilege('authenticated', p.oid, 'execute')) o
     where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace) and o.name like '%\\_de' order by 1`,
  );
  expect(names.map(({ name }) => name)).toEqual([...Object.keys(SPEAKERS), ...QUOTERS].sort());
  const kinds = Map.groupBy(messages, ({ kind, name }) => (kind === "explanation" ? name : kind));
  for (const name of Object.keys(SPEAKERS)) expect(kinds.get(name)?.length, name).toBeGreaterThan(1);
});

test("Auth's e-mails have a text in German when they have one at all", () => {
  const config = readFileSync(new URL("../../supabase/config.toml", import.meta.url), "utf8");
  expect(config.match(/^\[auth\.email\.template\./gmu) ?? [], "put them on the page, too").toEqual([]);
});

/** What is wrong with messages in one language, by a rule; empty when all keep to it. */
const broken = (locale: Locale, isWrong: (text: string, message: Message) => boolean) =>
  messages
    .filter((message) => isWrong(message[locale], message))
    .map(({ kind, name, [locale]: text }) => `${kind}, ${name}: ${text}`);

describe.each(LOCALES)("in the language %s", (locale) => {
  test("nothing is missing or left unfilled", () => {
    expect(broken(locale, (text) => text.trim() === "" || /[{}#%]|undefined|null|NaN|\[object/u.test(text))).toEqual(
      [],
    );
  });

  test("the other language says something else", () => {
    const other = locale === "de" ? "en" : "de";
    // a name of one word may be the same
    expect(
      broken(locale, (text, message) => text === message[other] && message.kind !== "name" && /\s/u.test(text)),
    ).toEqual([]);
  });

  test("numbers are the same in both", () => {
    const numbersOf = (text: string) => (text.replaceAll(",", ".").match(/\d+(?:\.\d+)?/gu) ?? []).sort().join();
    expect(broken(locale, (_, { de, en }) => numbersOf(de) !== numbersOf(en))).toEqual([]);
  });

  test("fractions have the language's own separator", () => {
    const foreign = locale === "de" ? /\d\.\d/u : /\d,\d(?!\d\d)/u;
    expect(broken(locale, (text) => foreign.test(text))).toEqual([]);
  });

  test("one of a thing is not called several", () => {
    // words that follow a number above one, but for those that stay the same or count nothing
    const several = new Set(
      messages.flatMap(({ [locale]: text }) =>
        [...text.matchAll(/(?<![\d.,])(?!1 )\d+ (\p{L}{3,})/gu)].map(([, word]) => word),
      ),
    );
    for (const same of ["Zeichen", "von", "bis", "out"]) several.delete(same);
    expect(several.has(locale === "de" ? "Punkte" : "points")).toBe(true);
    expect(
      broken(locale, (text) => [...text.matchAll(/(?<![\d.,])1 (\p{L}+)/gu)].some(([, word]) => several.has(word))),
    ).toEqual([]);
  });

  test("it is typed with care: quotation marks of the language, no doubled or lost spaces", () => {
    const quotes = locale === "de" ? /["”]/u : /["„]/u;
    expect(broken(locale, (text) => quotes.test(text))).toEqual([]);
    expect(
      broken(locale, (text) => / {2}|\s[,!?]|\s\.$|[.,!?]{2}|^\s|\s$/u.test(text.replaceAll("-- \n", ""))),
    ).toEqual([]);
  });

  test("sentences end, and subjects are short and in one line", () => {
    expect(
      broken(locale, (text, { kind }) => /^(?:error|notification: (?:text|once))/u.test(kind) && !/[.!?]$/u.test(text)),
    ).toEqual([]);
    expect(
      broken(locale, (text, { kind }) => /(?:subject|title)$/u.test(kind) && !/^\P{Cc}{3,50}$/u.test(text)),
    ).toEqual([]);
  });
});

test("members are called Du", () => {
  expect(broken("de", (text) => /\b(?:Sie|Ihnen|Ihr|Ihre[mnrs]?)\b/u.test(text))).toEqual([]);
});
