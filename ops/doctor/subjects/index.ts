import type { Subject } from "../subject.ts";
import { alerts } from "./alerts.ts";
import { audits } from "./audits.ts";
import { backups } from "./backups.ts";
import { bloat } from "./bloat.ts";
import { connections } from "./connections.ts";
import { credentials } from "./credentials.ts";
import { disk } from "./disk.ts";
import { environment } from "./environment.ts";
import { indexes } from "./indexes.ts";
import { jobs } from "./jobs.ts";
import { migrations } from "./migrations.ts";
import { outbox } from "./outbox.ts";
import { queries } from "./queries.ts";
import { reachability } from "./reachability.ts";
import { secrets } from "./secrets.ts";
import { server } from "./server.ts";
import { sessions } from "./sessions.ts";
import { smtp } from "./smtp.ts";
import { vacuum } from "./vacuum.ts";
import { vapid } from "./vapid.ts";

/** In the order in which one thing rests on the other. */
export const SUBJECTS: readonly Subject[] = [
  environment,
  reachability,
  credentials,
  server,
  migrations,
  connections,
  queries,
  sessions,
  disk,
  indexes,
  bloat,
  vacuum,
  jobs,
  outbox,
  audits,
  backups,
  alerts,
  secrets,
  smtp,
  vapid,
];

/** Without these nothing can be asked of the database: they are always looked at, and told when they are ill. */
export const FIRST_SUBJECTS: readonly Subject[] = [environment, reachability, credentials];
