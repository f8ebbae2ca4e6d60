import { isPortFree } from "../database/free-port.ts";
import { portInUse } from "../listen.ts";

/** What to do when the port of the gateway is taken. */
export const PORT_HINT = "start with --port N";
/** What to do when the port of the database is taken. */
export const DATABASE_PORT_HINT = "start with --db-port N";
/** What to do when the port of Studio is taken. */
export const STUDIO_PORT_HINT = "start with --studio-port N or --no-studio";

/**
 * Checks a port before anything is opened; 0 always fits.
 *
 * @throws StackError when somebody listens there.
 */
export async function requirePort(port: number, hint: string): Promise<void> {
  if (port !== 0 && !(await isPortFree(port))) throw portInUse(port, hint);
}
