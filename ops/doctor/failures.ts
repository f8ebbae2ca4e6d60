import type { Address } from "../core/address.ts";
import type { Illness } from "./illnesses.ts";
import { codeOf, reasonOf } from "./patient.ts";
import { endpointOf } from "./probe.ts";

/** Why there is no connection. */
export interface Failure {
  readonly illness: Illness;
  readonly says: string;
  readonly next: string;
}

interface Sign {
  readonly illness: Illness;
  /** SQLSTATE or the system's code. */
  readonly code?: RegExp;
  readonly message?: RegExp;
  readonly next: (address: Address) => string;
}

const PASSWORD =
  "correct user and password in DATABASE_URL, special characters as node -p \"encodeURIComponent('…')\" prints them";

/** From top to bottom; poolers pass on the server's words, often under a code of their own. */
const SIGNS: readonly Sign[] = [
  {
    illness: "host_unknown",
    code: /^(?:ENOTFOUND|EAI_AGAIN)$/u,
    next: (address) => `correct the host in DATABASE_URL: getent hosts ${endpointOf(address).host}`,
  },
  {
    illness: "certificate_not_trusted",
    code: /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/u,
    next: () => "give Node the server's certificate authority: export NODE_EXTRA_CA_CERTS=ca.crt",
  },
  {
    illness: "tls_demanded",
    message: /no encryption|SSL off|SSL (?:connection )?is required|requires? (?:SSL|encryption)/iu,
    next: () => "add ?sslmode=require to DATABASE_URL",
  },
  { illness: "connections_used_up", code: /^53300$/u, next: connectionsFreed },
  {
    illness: "connections_used_up",
    message: /too many (?:clients|connections)|no more connections|max client connections|remaining connection slots/iu,
    next: connectionsFreed,
  },
  { illness: "server_not_ready", code: /^57P0[123]$/u, next: ready },
  { illness: "password_wrong", code: /^28P01$/u, next: () => PASSWORD },
  { illness: "password_wrong", message: /password authentication failed|wrong password/iu, next: () => PASSWORD },
  { illness: "database_missing", code: /^3D000$/u, next: databaseNamed },
  { illness: "database_missing", message: /no such database|database ".*" does not exist/iu, next: databaseNamed },
  {
    illness: "login_refused",
    code: /^28/u,
    next: ({ options: { username = "the user" } }) =>
      `let ${username} log in from here (pg_hba.conf; alter role ${username} login), or use another user`,
  },
  { illness: "login_refused", message: /tenant or user not found|no such user/iu, next: () => PASSWORD },
];

/** What an error of the driver means. */
export function failureOf(error: unknown, address: Address): Failure {
  const [code, reason] = [codeOf(error), reasonOf(error)];
  const sign = SIGNS.find((one) => (one.code?.test(code) ?? true) && (one.message?.test(reason) ?? true));
  if (sign !== undefined) return { illness: sign.illness, says: reason, next: sign.next(address) };
  return { illness: "host_unreachable", says: reason || code, next: ready(address) };
}

function ready(address: Address): string {
  const { host, port } = endpointOf(address);
  return `is the server up, and may this machine reach it? pg_isready -h ${host} -p ${port}`;
}

function connectionsFreed(): string {
  return "stop what you can spare, then npm run doctor -- --only connections; give the pooler's address to what opens many";
}

function databaseNamed({ options }: Address): string {
  return `correct the database in DATABASE_URL, or create it: createdb ${options.database}`;
}
