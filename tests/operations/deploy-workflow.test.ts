import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { paths } from "../../dev/base/paths.ts";

interface Job {
  if?: string;
  needs?: string;
  environment?: string;
  concurrency?: string;
  env?: Record<string, string>;
  steps: { name?: string; run?: string; env?: Record<string, string> }[];
}

const text = readFileSync(join(paths.root, ".github/workflows/deploy.yml"), "utf8");
const { jobs } = parse(text, { merge: false }) as { jobs: Record<string, Job> };
const page = readFileSync(join(paths.root, "docs/operations/deploy.md"), "utf8");
const { scripts } = JSON.parse(readFileSync(join(paths.root, "package.json"), "utf8"));

test("it goes from development over staging to production, which waits for a tag and an approval", () => {
  expect(Object.keys(jobs)).toEqual(["development", "test", "staging", "production"]);
  expect(jobs["staging"]).toMatchObject({ needs: "test", environment: "staging", concurrency: "deploy-staging" });
  expect(jobs["production"]).toMatchObject({
    needs: "staging",
    environment: "production",
    concurrency: "deploy-production",
  });
  expect(jobs["production"]?.if).toContain("startsWith(github.ref, 'refs/tags/v')");
  expect(jobs["production"]?.steps).toEqual(jobs["staging"]?.steps);
  expect(text).toContain("It never ran");
});

test("every npm command in it is one of ours, with flags that its help explains", () => {
  const lines = Object.values(jobs)
    .flatMap(({ steps }) => steps.flatMap(({ run = "", env = {} }) => [run, ...Object.values(env)]))
    .join("\n");
  const commands = [...lines.matchAll(/npm run (\S+) -- (.+)/gu)];
  expect(commands.length).toBeGreaterThan(1);
  for (const [, name = "", args = ""] of commands) {
    expect(Object.keys(scripts)).toContain(name);
    const help = execFileSync(process.execPath, ["dev/bootstrap.mjs", name, "--help"], {
      cwd: paths.root,
      encoding: "utf8",
    });
    for (const [flag] of args.matchAll(/--[a-z-]+/gu)) expect(help).toMatch(new RegExp(`^  ${flag} `, "mu"));
  }
  expect(lines).toContain("'--now'");
});

test("what it hands over is what the command reads, and the page names each of them", () => {
  const given = Object.keys(jobs["staging"]?.env ?? {});
  for (const name of given) expect(page).toContain(name);
  for (const name of [
    "DATABASE_URL",
    "SUPABASE_SECRET_KEY",
    "SUPABASE_ACCESS_TOKEN",
    "SUPABASE_PROJECT_REF",
    "BACKUP_STORE",
  ]) {
    expect(given).toContain(name);
  }
  // secrets are secrets: none of them is a variable that the logs would show
  for (const [name, value] of Object.entries(jobs["staging"]?.env ?? {})) {
    if (/TOKEN|SECRET|PASSWORD|DATABASE|FUNCTIONS_ENV/u.test(name)) expect(value).toMatch(/^\$\{\{ secrets\./u);
  }
});
