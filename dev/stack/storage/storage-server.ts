import { App, setExperimental } from "@supabase/lite";
import { STORAGE_ROLE } from "../database/roles.ts";
import type { StackDatabase } from "../database/stack-database.ts";
import type { RequestContext } from "../rest/harden-connection.ts";
import type { appConfiguration, Fetch } from "../rest/servers.ts";
import { actAsCaller } from "./caller-context.ts";
import { FileStore } from "./file-store.ts";
import { withKnownErrors } from "./known-errors.ts";
import { completeAnswer, listFolder, plainRequest, signMany } from "./spoken-by-clients.ts";

/**
 * Starts the server behind `/storage/v1`: the REST server's experimental Storage, as its own role. Resumable uploads,
 * S3, image transformations and metadata of one's own are not there.
 *
 * @param folder where the bytes of the files lie.
 */
export async function startStorage(
  database: StackDatabase,
  configuration: Omit<ReturnType<typeof appConfiguration>, "storage"> & {
    storage: { enabled: boolean; file_size_limit: string };
  },
  context: RequestContext,
  folder: string,
): Promise<Fetch> {
  setExperimental("storage", true);
  const connection = database.connect(STORAGE_ROLE);
  actAsCaller(connection, context);
  const app = new App({ connection, ...configuration });
  const files = new FileStore(folder);
  app._storageAdapter = files;
  await app.init();
  const ask: Fetch = (request) =>
    files.during(() => database.asRole(STORAGE_ROLE, () => withKnownErrors(() => app.fetch(request))));
  return async (request) => {
    const own = (await signMany(request, ask)) ?? (await listFolder(request, ask));
    if (own !== undefined) return own;
    // read to its end first: the embedded database has one session, and a slow phone must not hold it
    const plain = await plainRequest(request);
    return plain instanceof Response ? plain : completeAnswer(request, await ask(plain));
  };
}
