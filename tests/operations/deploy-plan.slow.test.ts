import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { packageProgram } from "../../dev/base/programs.ts";
import { isWithin } from "../../ops/deploy/checks.ts";
import { startDeploy } from "../support/run-deploy.ts";

const run = promisify(execFile);
const REF = "abcdefghijklmnopqrst";
const project = {
  SUPABASE_PROJECT_REF: REF,
  SUPABASE_ACCESS_TOKEN: "sbp_0000000000000000000000000000000000000000",
  SUPABASE_PUBLISHABLE_KEY: "sb_publishable_x",
  SUPABASE_SECRET_KEY: "sb_secret_hidden",
  BACKUP_STORE: "/var/backups/neighbourhood",
  DATABASE_URL: `postgresql://postgres.${REF}:hidden-password@aws-0-eu-central-1.pooler.supabase.com:6543/postgres`,
  DATABASE_DIRECT_URL: `postgresql://postgres:hidden-password@db.${REF}.supabase.co:5432/postgres`,
};

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "neighbourhood-plan-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const deploy = (env: Record<string, string>, ...args: string[]) =>
  startDeploy(paths.root, { DEPLOY_STATE_DIR: folder, ...env }, ...args).outcome;

/** The lines of the dry run that are command lines, as words, without their comments. */
async function commandsOf(...args: string[]): Promise<string[][]> {
  const { code, out, err } = await deploy(project, "--dry-run", "--json", ...args);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).not.toContain("hidden");
  const { plan } = JSON.parse(out) as { plan: { does: string[] }[] };
  const lines = plan.flatMap(({ does }) => does.flatMap((line) => line.split(/ {3}# (?:when it fails: )?/u)));
  return lines
    .map((line) => line.split(" ").flatMap((word) => (/^[A-Z_]+=/u.test(word) ? [] : [word.replaceAll('"', "")])))
    .filter(([program]) => ["npx", "npm", "git"].includes(program ?? ""));
}

test("every command of the Supabase CLI, and every flag, is one that the CLI knows", { timeout: 120_000 }, async () => {
  const commands = [...(await commandsOf("--to", "staging")), ...(await commandsOf("--to", "production"))]
    .filter(([program]) => program === "npx")
    .map(([, ...words]) => words.slice(1));
  const names = new Set<string>();
  for (const words of commands) {
    const name = words.slice(
      0,
      words.findIndex((word) => word.startsWith("--")),
    );
    const flags = words.flatMap((word) => (word.startsWith("--") ? [word.split("=")[0] ?? ""] : []));
    names.add(name.join(" "));
    const { stdout: help } = await run(process.execPath, [packageProgram("supabase"), ...name, "--help"]);
    if (name.length > 0) expect(help).toMatch(new RegExp(`^USAGE\n  supabase ${name.join(" ")} `, "mu"));
    for (const flag of flags) expect(help, words.join(" ")).toMatch(new RegExp(`^ +${flag}(?:\\[|,| )`, "mu"));
    for (const [index, flag] of words.entries()) {
      const value = words[index + 1];
      const choices = new RegExp(`^ +${flag} choice .*\\(choices: ([^)]+)\\)`, "mu").exec(help)?.[1]?.split(", ");
      if (flag.startsWith("--") && choices !== undefined) expect(choices).toContain(value);
    }
  }
  expect([...names].toSorted()).toEqual(["", "db advisors", "functions deploy", "secrets set"]);
});

test("every npm command is one of ours, with flags that its help explains", { timeout: 120_000 }, async () => {
  const commands = (await commandsOf("--to", "staging")).filter(([program]) => program === "npm");
  expect(commands.length).toBeGreaterThan(4);
  for (const [, , name = "", ...args] of commands) {
    const { stdout: help } = await run(process.execPath, [join(paths.root, "dev/bootstrap.mjs"), name, "--help"]);
    for (const flag of args.filter((word) => /^--./u.test(word))) expect(help).toMatch(new RegExp(`^  ${flag} `, "mu"));
  }
});

test("the plan of staging tries a whole journey, that of production only signs in", async () => {
  const plan = async (...args: string[]) => (await deploy(project, "--dry-run", ...args)).out;
  expect(await plan("--to", "staging")).toContain("two throw-away members");
  const production = await plan("--to", "production");
  expect(production).not.toContain("throw-away");
  expect(production).toContain("DEPLOY_QUIET_HOURS");
  expect(await plan("--to", "production", "--now")).not.toContain("DEPLOY_QUIET_HOURS");
  expect(await plan("--to", "staging", "--tested")).not.toContain("db:check");
  expect(await plan("--to", "staging", "--self-hosted")).not.toContain("functions deploy");
  expect(await plan("--to", "staging", "--rollback")).toMatch(
    /^1\. Migrations taken back\n {3}take the lock .+\n {3}.*db:rollback -- --steps N/u,
  );
});

describe("a wrong environment is refused before anything is touched:", () => {
  it.each<[string, Record<string, string>, RegExp]>([
    [
      "missing variables",
      { SUPABASE_SECRET_KEY: "", DATABASE_URL: "" },
      /^✖ DATABASE_URL, SUPABASE_SECRET_KEY are not set: /u,
    ],
    ["no project ref", { SUPABASE_PROJECT_REF: "my-project" }, /SUPABASE_PROJECT_REF=my-project is none/u],
    [
      "another project's database",
      { SUPABASE_PROJECT_REF: "zzzzzzzzzzzzzzzzzzzz" },
      /DATABASE_URL leads to aws-0-eu-central-1\.pooler\.supabase\.com, not to the project z{20}/u,
    ],
    [
      "another database",
      { DATABASE_DIRECT_URL: "postgresql://postgres:x@127.0.0.1/postgres" },
      /DATABASE_DIRECT_URL leads to 127\.0\.0\.1, not to/u,
    ],
    [
      "another project's API",
      { SUPABASE_URL: "https://zzzzzzzzzzzzzzzzzzzz.supabase.co" },
      /SUPABASE_URL leads to z{20}\.supabase\.co, not to/u,
    ],
    [
      "no file of secrets",
      { FUNCTIONS_ENV_FILE: "no-such.env" },
      /no-such\.env cannot be read \(ENOENT\): npm run --silent functions:keys > /u,
    ],
  ])("%s", async (_case, changes, line) => {
    const { code, err } = await deploy({ ...project, ...changes }, "--to", "staging", "--allow-dirty");
    expect(err).toMatch(line);
    expect(err.trim().split("\n")).toHaveLength(1);
    expect(err).not.toContain("hidden");
    expect(code).toBe(1);
  });

  it.each<[string, RegExp]>([
    [
      "SEALING_KEYS=a:b\nCODE_INDEX_KEY=c\n",
      /lacks NOTIFICATION_SIGNING_KEY: npm run --silent functions:keys -- --rotate /u,
    ],
    [
      "SEALING_KEYS=a:b\nCODE_INDEX_KEY=c\nNOTIFICATION_SIGNING_KEY=d\nOUTBOUND_LOOPBACK=allow\n",
      /sets OUTBOUND_LOOPBACK, which a project must not have/u,
    ],
    [
      "SEALING_KEYS=a:b\nCODE_INDEX_KEY=c\nNOTIFICATION_SIGNING_KEY=d\nSUPABASE_URL=x\n",
      /sets SUPABASE_URL, which a project must not have/u,
    ],
  ])("secrets %j", async (text, line) => {
    const file = join(folder, "functions.env");
    writeFileSync(file, text);
    const { code, err } = await deploy({ ...project, FUNCTIONS_ENV_FILE: file }, "--to", "staging", "--allow-dirty");
    expect(err).toMatch(line);
    expect(code).toBe(1);
  });

  it("a database that does not answer", async () => {
    const env = { ...project, DATABASE_URL: "postgresql://a:hidden@127.0.0.1:1/b", DATABASE_DIRECT_URL: "" };
    const { code, err } = await deploy(env, "--to", "staging", "--self-hosted", "--allow-dirty");
    expect(err).toMatch(/^✖ .*127\.0\.0\.1:1/u);
    expect(err).not.toContain("hidden");
    expect(code).toBe(1);
  });

  it.each([
    [[], "--to is missing"],
    [["--to", "moon"], "--to moon is unknown"],
    [["--to", "production", "--allow-dirty"], "--allow-dirty is for staging only"],
  ])("%j is wrong usage", async (args, line) => {
    const { code, err } = await deploy(project, ...args);
    expect({ code, line: err.split("\n")[0] }).toEqual({ code: 2, line });
  });
});

test("a file of the target wins over the variables of the shell", async () => {
  const file = join(folder, "other.env");
  writeFileSync(file, "SUPABASE_PROJECT_REF=zzzzzzzzzzzzzzzzzzzz\n");
  const { err } = await deploy(project, "--to", "staging", "--allow-dirty", "--env-file", file);
  expect(err).toMatch(/not to the project z{20}/u);
});

test("quiet hours may go over midnight, and end before their end", () => {
  expect(["00:59", "01:00", "04:59", "05:00"].map((time) => isWithin("01:00-05:00", time))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(["21:59", "22:00", "23:59", "00:00", "04:59", "05:00"].map((time) => isWithin("22:00-05:00", time))).toEqual([
    false,
    true,
    true,
    true,
    true,
    false,
  ]);
  for (const hours of ["", "1-5", "24:00-05:00", "05:00-05:00"])
    expect(() => isWithin(hours, "00:00")).toThrow(/are no hours/u);
});
