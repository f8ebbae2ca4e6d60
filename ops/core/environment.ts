import { StackError } from "../../dev/base/stack-error.ts";
import { type Address, readAddress } from "./address.ts";

/**
 * What the environment says about the database. Every command and the local stack read it here;
 * docs/operations/connections.md explains each variable.
 */

/** The address for everyday work, which may be a pooler's; undefined when there is none. */
export function databaseAddress(): Address | undefined {
  return address("DATABASE_URL", process.env["DATABASE_URL"]);
}

/** The address for what a pooler cannot do; the everyday one where there is no other. */
export function directAddress(): Address | undefined {
  return address("DATABASE_DIRECT_URL", process.env["DATABASE_DIRECT_URL"]) ?? databaseAddress();
}

/** How many connections, and how long they wait. */
export interface ConnectionLimits {
  /** Connections that are kept open, and the most that are. */
  poolMin: number;
  poolMax: number;
  /** Seconds until the server must have answered the login. */
  connectSeconds: number;
  /** Seconds that one statement may take; 0: no limit. */
  statementSeconds: number;
  /** Seconds after which a connection that nobody uses is closed; 0: never. */
  idleSeconds: number;
}

/** @throws StackError when one is no number, or the smallest pool is larger than the largest. */
export function connectionLimits(): ConnectionLimits {
  const limits = {
    poolMin: wholeNumber("DATABASE_POOL_MIN", process.env["DATABASE_POOL_MIN"], 0),
    poolMax: wholeNumber("DATABASE_POOL_MAX", process.env["DATABASE_POOL_MAX"], 10, LEAST_POOL),
    connectSeconds: wholeNumber("DATABASE_CONNECT_TIMEOUT", process.env["DATABASE_CONNECT_TIMEOUT"], 10, 1),
    statementSeconds: wholeNumber("DATABASE_STATEMENT_TIMEOUT", process.env["DATABASE_STATEMENT_TIMEOUT"], 0),
    idleSeconds: wholeNumber("DATABASE_IDLE_TIMEOUT", process.env["DATABASE_IDLE_TIMEOUT"], 30),
  };
  if (limits.poolMin > limits.poolMax) {
    throw new StackError(`DATABASE_POOL_MIN=${limits.poolMin} is more than DATABASE_POOL_MAX=${limits.poolMax}`);
  }
  return limits;
}

// An empty variable is none: so a .env file is overruled by hand.
function address(variable: string, text: string | undefined): Address | undefined {
  return text === undefined || text === "" ? undefined : readAddress(text, variable);
}

const LARGEST = 86_400;
/** Some commands ask beside a transaction of theirs: with one connection they would wait for themselves. */
const LEAST_POOL = 2;

function wholeNumber(variable: string, text: string | undefined, otherwise: number, least = 0): number {
  if (text === undefined || text === "") return otherwise;
  const value = /^\d{1,5}$/u.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= LARGEST)) {
    throw new StackError(`${variable}=${text} is not possible: write a whole number from ${least} to ${LARGEST}`);
  }
  return value;
}
