import { messageOf, StackError } from "../../dev/base/stack-error.ts";

/** What drivers and PostgreSQL tell of an error. */
interface DatabaseError {
  message: string;
  /** SQLSTATE of the server, or a name that Node or the driver gives. */
  code: string;
}

/** Why there is no connection, as far as there is a name for it. */
export type ConnectionFailure =
  | "host_unknown"
  | "tls_demanded"
  | "tls_refused"
  | "certificate_not_trusted"
  | "password_wrong"
  | "login_refused"
  | "database_missing"
  | "connections_used_up"
  | "server_not_ready";

/** What happened, and what to do. */
export interface Explanation {
  failure: ConnectionFailure | undefined;
  what: string;
  next: string;
}

/** How an error is recognised, and the words for it. */
interface Rule {
  codes?: readonly string[];
  message?: RegExp;
  failure?: ConnectionFailure;
  say: (place: string, error: DatabaseError) => [what: string, next: string];
}

/** The first that fits counts: what a pooler says comes with codes that mean other things elsewhere. */
const RULES: readonly Rule[] = [
  // What stands between
  {
    message: /unsupported startup parameter(?: in options)?: (\S+)/u,
    say: (place, { message }) => [
      `the pooler at ${place} refuses the setting ${message.split(": ").at(-1)}`,
      "take it out of the address, or set DATABASE_DIRECT_URL to the server's own",
    ],
  },
  {
    message: /query_wait_timeout|no more connections allowed|max client connections|MaxClientsInSessionMode/iu,
    failure: "connections_used_up",
    say: (place) => [
      `the pooler at ${place} has no connection free`,
      "lower DATABASE_POOL_MAX, or raise its pool_size and max_client_conn",
    ],
  },
  {
    message: /server login (?:has been )?fail|server_login_retry|cannot connect to server|server conn crashed/iu,
    say: (place, { message }) => [
      `the pooler at ${place} does not reach its server (${message})`,
      "look whether PostgreSQL runs, and at the pooler's log",
    ],
  },
  {
    codes: ["26000", "42P05"],
    say: (place) => [
      `a named prepared statement met another server behind the pooler at ${place}`,
      "switch them off in that client, or set DATABASE_DIRECT_URL",
    ],
  },
  // The way there
  {
    codes: ["ENOTFOUND", "EAI_AGAIN"],
    failure: "host_unknown",
    say: (place) => [`there is no host of ${place}`, "look for a typing error in DATABASE_URL, and at the network"],
  },
  {
    codes: ["ECONNREFUSED"],
    say: (place) => [`nothing listens at ${place}`, "start the database, or mend host and port in DATABASE_URL"],
  },
  {
    codes: ["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL"],
    say: (place) => [
      `no way leads to ${place}`,
      "look at network and firewall (a hosted project's own address is IPv6 only: its pooler has IPv4)",
    ],
  },
  {
    codes: ["CONNECT_TIMEOUT", "ETIMEDOUT"],
    say: (place) => [
      `${place} did not answer in time`,
      "look at host, port and firewall, or raise DATABASE_CONNECT_TIMEOUT",
    ],
  },
  {
    codes: ["ENOENT", "EACCES"],
    message: /connect \w+ \//u,
    say: (place) => [`no server has its socket at ${place}`, "start the database, or mend the host in DATABASE_URL"],
  },
  // TLS
  {
    message: /no encryption|SSL off|SSL (?:connection )?(?:is )?required|requires? (?:a )?(?:valid )?(?:SSL|TLS)/iu,
    failure: "tls_demanded",
    say: (place) => [`${place} takes only encrypted connections`, "append ?sslmode=require to DATABASE_URL"],
  },
  {
    message: /before secure TLS connection|server does not support SSL|WRONG_VERSION_NUMBER/iu,
    failure: "tls_refused",
    say: (place) => [
      `${place} offers no encryption`,
      "take sslmode out of DATABASE_URL where the network is your own, or switch TLS on there",
    ],
  },
  {
    codes: ["ERR_TLS_CERT_ALTNAME_INVALID"],
    failure: "certificate_not_trusted",
    say: (place) => [
      `the certificate of ${place} is for another name`,
      "write that host name in DATABASE_URL, or sslmode=verify-ca",
    ],
  },
  {
    codes: ["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"],
    failure: "certificate_not_trusted",
    say: (place) => [`the certificate of ${place} is not valid today`, "renew it, and look at this machine's clock"],
  },
  {
    codes: [
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "UNABLE_TO_GET_ISSUER_CERT",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "CERT_SIGNATURE_FAILURE",
    ],
    failure: "certificate_not_trusted",
    say: (place) => [
      `the certificate of ${place} is from an authority that is not trusted here`,
      "append sslrootcert=<its file> to DATABASE_URL",
    ],
  },
  // The door
  {
    codes: ["28P01"],
    failure: "password_wrong",
    say: (place) => [
      `${place} does not take this user and password`,
      "mend them in DATABASE_URL (special characters as % and two digits)",
    ],
  },
  {
    message: /SASL authentication failed|auth(?:entication)? failed|wrong password/iu,
    failure: "password_wrong",
    say: (place) => [`${place} knows no such user, or another password`, "mend both in DATABASE_URL"],
  },
  {
    message: /^no such user|tenant or user not found|role "[^"]*" does not exist/iu,
    failure: "login_refused",
    say: (place) => [`${place} knows no such user`, "mend user and password in DATABASE_URL"],
  },
  {
    codes: ["28000"],
    failure: "login_refused",
    say: (place, { message }) => [
      `${place} lets this user not in (${message})`,
      "look at its pg_hba.conf, or take another",
    ],
  },
  {
    message: /^no such database|database "[^"]*" does not exist/u,
    failure: "database_missing",
    say: (place) => [`there is no database of the name at ${place}`, "mend the name in DATABASE_URL, or create it"],
  },
  {
    codes: ["53300"],
    failure: "connections_used_up",
    say: (place) => [
      `${place} has too many connections`,
      "lower DATABASE_POOL_MAX, close other clients, or go through a pooler",
    ],
  },
  {
    codes: ["57P03"],
    failure: "server_not_ready",
    say: (place, { message }) => [`${place} is not ready (${message})`, "wait a moment and try again"],
  },
  {
    codes: ["57P01", "57P02", "ECONNRESET", "EPIPE", "CONNECTION_CLOSED", "CONNECTION_ENDED", "CONNECTION_DESTROYED"],
    say: (place) => [
      `${place} closed the connection`,
      "look whether PostgreSQL listens there and runs (behind a pooler its pool may be exhausted), then try again",
    ],
  },
  // What it says to a statement
  {
    codes: ["42P01", "3F000"],
    say: (place, { message }) => [
      `${message} in ${place}`,
      "its migrations are missing or older than this checkout, run npm run db:push",
    ],
  },
  {
    codes: ["42883"],
    message: /^(?:function|procedure) (?:public|private|ops)\./u,
    say: (place, { message }) => [
      `${message} in ${place}`,
      "its migrations are missing or older than this checkout, run npm run db:push",
    ],
  },
  {
    codes: ["42501"],
    say: (place, { message }) => [
      `${message} in ${place}`,
      "DATABASE_URL needs a user with that right (docs/operations/connections.md)",
    ],
  },
  {
    codes: ["25006"],
    say: (place) => [
      `${place} takes no writes here`,
      "it is a standby, or this user only reads (app_read); set DATABASE_URL to the primary, as another",
    ],
  },
  {
    // what is declared to write, and what has to do with the log, has other codes there
    message: /^cannot set transaction read-write mode during recovery|^recovery is in progress/u,
    say: (place) => [`${place} is a standby, which takes no writes`, "set DATABASE_URL to the primary"],
  },
  {
    codes: ["57014"],
    message: /statement timeout/u,
    say: (place) => [
      `${place} ended a statement that took too long`,
      "raise DATABASE_STATEMENT_TIMEOUT, or the role's own",
    ],
  },
  {
    codes: ["55P03"],
    say: (place) => [
      `somebody else holds a lock in ${place}`,
      'try again, or see who with npm run sql -- "table ops.locks"',
    ],
  },
  {
    codes: ["53100"],
    say: (place) => [`the disk of ${place} is full`, "make room there first, nothing was changed"],
  },
];

/** What an error of a database, or of the way there, means; undefined when it is none, or says enough itself. */
export function explanationOf(error: unknown, place: string): Explanation | undefined {
  if (typeof error !== "object" || error === null || error instanceof StackError) return undefined;
  const known = { message: messageOf(error), code: codeOf(error) };
  const rule = RULES.find(({ codes, message }) =>
    codes !== undefined && message !== undefined
      ? codes.includes(known.code) && message.test(known.message)
      : codes?.includes(known.code) || message?.test(known.message),
  );
  if (rule === undefined) return undefined;
  const [what, next] = rule.say(place, known);
  return { failure: rule.failure, what, next };
}

/** The same as one line. */
export function explain(error: unknown, place: string): StackError | undefined {
  const explanation = explanationOf(error, place);
  return explanation && new StackError(`${explanation.what}: ${explanation.next}`, { cause: error });
}

/** Runs work; what can be explained is thrown as one line. */
export async function explained<Result>(place: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw explain(error, place) ?? error;
  }
}

/** SQLSTATE, or the system's code, of what was thrown; empty when it has none. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}
