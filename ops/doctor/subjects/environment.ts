import { paths } from "../../../dev/base/paths.ts";
import { StackError } from "../../../dev/base/stack-error.ts";
import { addressOfRunningStack } from "../../../dev/stack/addresses.ts";
import { type Address, readAddress } from "../../core/address.ts";
import { connectionLimits, databaseAddress, directAddress } from "../../core/environment.ts";
import { type Finding, ill, orFine } from "../finding.ts";
import type { Illness } from "../illnesses.ts";
import type { PatientOptions } from "../patient.ts";
import { endpointOf } from "../probe.ts";
import type { FirstSubject } from "../subject.ts";

const EXAMPLE = "postgresql://user:password@host:5432/database";
/** Dashboards show addresses with such a thing in them. */
const PLACEHOLDER = /\[[A-Z-]+\]|%5B[A-Z-]+%5D|<[^>@]*>|%3C[^@]*%3E/u;
const POOLER_PORTS = [6543, 6432];

export const environment: FirstSubject = {
  name: "environment",
  about: "DATABASE_URL and the settings around it",
  examine({ address, isLocalStack }) {
    const findings = judgeSettings(process.env);
    if (findings.length === 0 && address === undefined) {
      const says = "DATABASE_URL is not set, and no local stack runs";
      return [ill("url_missing", says, `export DATABASE_URL='${EXAMPLE}', or npm start`)];
    }
    return orFine(findings, `${isLocalStack ? "the running stack" : "DATABASE_URL"} is ${address?.name}`);
  },
};

/** The address that commands would take; undefined when there is none that can be understood. */
export function findAddress(): Pick<PatientOptions, "address" | "isLocalStack"> {
  if (judgeSettings(process.env).some(({ level }) => level === "problem"))
    return { address: undefined, isLocalStack: false };
  const running = process.env["DATABASE_URL"] ? undefined : addressOfRunningStack(paths.local);
  return {
    address: running === undefined ? databaseAddress() : readAddress(running),
    isLocalStack: running !== undefined,
  };
}

/** What is wrong with the settings. Never repeats an address: it holds a password. */
function judgeSettings({ DATABASE_URL, DATABASE_DIRECT_URL }: NodeJS.ProcessEnv): Finding[] {
  const findings = [
    ...judged("settings_malformed", "export DATABASE_POOL_MIN=0 DATABASE_POOL_MAX=10", connectionLimits),
    ...judged("url_malformed", `write DATABASE_URL='${EXAMPLE}'`, databaseAddress),
  ];
  if (findings.length > 0) return findings;
  for (const [name, text] of Object.entries({ DATABASE_URL, DATABASE_DIRECT_URL })) {
    if (text !== undefined && PLACEHOLDER.test(text.split("?")[0]?.replace(/@\[[0-9a-f:]+\]/iu, "") ?? "")) {
      findings.push(ill("url_malformed", `${name} still has a placeholder in brackets`, `write ${name}='${EXAMPLE}'`));
    }
  }
  findings.push(...judged("url_malformed", `write DATABASE_DIRECT_URL='${EXAMPLE}'`, directAddress));
  const address = findings.length === 0 ? databaseAddress() : undefined;
  if (address !== undefined && !DATABASE_DIRECT_URL && isPooler(address)) {
    const says = `${address.name} is a pooler, and DATABASE_DIRECT_URL is not set: backups and migrations need the server itself`;
    findings.push(ill("direct_url_missing", says, `export DATABASE_DIRECT_URL='${EXAMPLE}'`));
  }
  return findings;
}

function judged(illness: Illness, next: string, read: () => unknown): Finding[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    return [ill(illness, error.message, next)];
  }
}

function isPooler(address: Address): boolean {
  const { host, port } = endpointOf(address);
  return POOLER_PORTS.includes(port) || host.includes("pooler.");
}
