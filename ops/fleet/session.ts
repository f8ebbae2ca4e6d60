import { StackError } from "../../dev/base/stack-error.ts";
import { openServerSession, type SqlSession } from "../../dev/stack/database/session.ts";
import { readAddress } from "../core/address.ts";
import { explained } from "../core/explain.ts";

/**
 * One connection to a database of the fleet, for as long as the work takes.
 *
 * @throws StackError with one line for what usually goes wrong.
 */
export function withSession<Result>(url: string, work: (session: SqlSession) => Promise<Result>): Promise<Result> {
  return ofRegistry(readAddress(url).name, async () => {
    const session = openServerSession(url, { applicationName: "neighbourhood fleet" });
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  });
}

/** Explains what goes wrong in a database; an address is mended in the registry here. */
export async function ofRegistry<Result>(place: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await explained(place, work);
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    const message = error.message.replaceAll(/DATABASE_(?:DIRECT_)?URL/gu, "the registry");
    throw new StackError(message, { cause: error.cause });
  }
}
