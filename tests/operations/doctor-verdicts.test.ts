import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { readAddress } from "../../ops/core/address.ts";
import { failureOf } from "../../ops/doctor/failures.ts";
import type { Findings } from "../../ops/doctor/finding.ts";
import { ILLNESSES } from "../../ops/doctor/illnesses.ts";
import { MARKS } from "../../ops/doctor/print.ts";
import { judgeDisk, spaceOf } from "../../ops/doctor/subjects/disk.ts";
import { SUBJECTS } from "../../ops/doctor/subjects/index.ts";
import { judgeAnswer } from "../../ops/doctor/subjects/reachability.ts";
import { judgeServer, type ServerFacts } from "../../ops/doctor/subjects/server.ts";
import { judgeSessions } from "../../ops/doctor/subjects/sessions.ts";
import { judgeVacuum } from "../../ops/doctor/subjects/vacuum.ts";

const names = (findings: Findings): readonly (string | undefined)[] => findings.map(({ illness }) => illness);

describe("the page", () => {
  const page = readFileSync(join(paths.root, "docs/operations/doctor.md"), "utf8");

  it("has a row for every illness, with its mark, and no other", () => {
    const rows = [...page.matchAll(/^\|[^|]*\| `(\w+)` \| (\S) \| [^|]+ \|$/gmu)].map(([, name, mark]) => [name, mark]);
    const all = Object.entries(ILLNESSES).map(([name, { level }]) => [name, MARKS[level]]);
    expect(rows.toSorted()).toEqual(all.toSorted());
  });

  it("and the code uses every name, in the subject it belongs to", () => {
    const subjects = SUBJECTS.map(({ name }) => name);
    const code = globSync("ops/{core/explain,doctor/failures,doctor/subjects/*}.ts", { cwd: paths.root })
      .map((file) => readFileSync(join(paths.root, file), "utf8"))
      .join("\n");
    for (const [name, { subject }] of Object.entries(ILLNESSES)) {
      expect(subjects, name).toContain(subject);
      expect(code.includes(`"${name}"`), name).toBe(true);
    }
  });
});

describe("what no test can have for real", () => {
  const facts: ServerFacts = {
    version: 150_004,
    is_read_only: false,
    is_standby: false,
    roles: ["anon", "authenticated", "service_role", "authenticator"],
    extensions: ["postgis", "pg_trgm"].map((name) => ({ name, installed: "1", available: "1" })),
    is_preloaded: true,
  };

  it("an old server, an outdated extension, a missing role", () => {
    expect(names(judgeServer(facts, false))).toEqual([undefined]);
    expect(names(judgeServer({ ...facts, version: 140_010 }, false))).toEqual(["server_too_old"]);
    expect(names(judgeServer({ ...facts, roles: ["anon"] }, false))).toEqual(["api_role_missing"]);
    const extensions = facts.extensions.map((one) => ({ ...one, available: "2" }));
    expect(names(judgeServer({ ...facts, extensions }, false))).toEqual(["extension_outdated", "extension_outdated"]);
  });

  it("a way that others can read along, or that is long", () => {
    const far = readAddress("postgresql://a:b@db.example.org/postgres");
    expect(names(judgeAnswer(far, { offersTls: true, milliseconds: 1 }))).toEqual(["tls_off"]);
    const safe = readAddress("postgresql://a:b@db.example.org/postgres?sslmode=require");
    expect(names(judgeAnswer(safe, { offersTls: true, milliseconds: 1 }))).toEqual([undefined]);
    expect(names(judgeAnswer(safe, { offersTls: true, milliseconds: 900 }))).toEqual(["answers_slowly"]);
  });

  it.each([
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate", "certificate_not_trusted"],
    ["57P03", "the database system is starting up", "server_not_ready"],
    ["08P01", "no more connections allowed (max_client_conn)", "connections_used_up"],
    ["XX000", "Tenant or user not found", "login_refused"],
    ["ETIMEDOUT", "no answer in 10 s", "host_unreachable"],
  ])("%s is %s: %s", (code, message, illness) => {
    const failure = failureOf(Object.assign(new Error(message), { code }), readAddress("postgresql://a:b@h/d"));
    expect(failure.illness).toBe(illness);
  });

  it("transactions that run out, hours of one, one that was prepared and forgotten", () => {
    const alerts = [{ alert: "wraparound", level: "warn" as const, value: 41, warn_at: 40, detail: "postgres" }];
    expect(names(judgeVacuum([], false, alerts))).toEqual(["wraparound_near"]);
    const open = {
      pid: 1,
      started: "",
      role: "app",
      program: "",
      is_idle: false,
      seconds: 7_200,
      idle_seconds: 0,
      query: "",
      is_touchable: true,
    };
    const verdict = judgeSessions([open], [{ gid: "x", seconds: 900 }], 300);
    expect(names(verdict)).toEqual(["transaction_long", "transaction_prepared"]);
    expect(verdict.flatMap(({ repairs = [] }) => repairs)).toEqual([]);
  });
});

describe("a disk", () => {
  const judged = (freeBytes: number) =>
    names(judgeDisk({ databaseBytes: 1, directory: "/data", bytes: 100, freeBytes }));

  it("is fine, filling, or nearly full", () => {
    expect([judged(50), judged(15), judged(4)]).toEqual([[undefined], ["disk_filling"], ["disk_nearly_full"]]);
  });

  it.runIf(process.getuid?.() === 0 && process.platform === "linux")("of four megabytes is filled for real", () => {
    const directory = mkdtempSync(join(tmpdir(), "neighbourhood-disk-"));
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", directory], { stdio: "ignore" });
    } catch {
      rmSync(directory, { recursive: true });
      return; // a container without that right
    }
    try {
      const verdict = () => names(judgeDisk({ databaseBytes: 1, directory, ...spaceOf(directory) }));
      expect(verdict()).toEqual([undefined]);
      writeFileSync(join(directory, "data"), Buffer.alloc(4_000_000));
      expect(verdict()).toEqual(["disk_nearly_full"]);
    } finally {
      execFileSync("umount", [directory]);
      rmSync(directory, { recursive: true });
    }
  });
});
