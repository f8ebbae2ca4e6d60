import { failureOf } from "../failures.ts";
import { type Findings, ill, orFine, unasked } from "../finding.ts";
import { ILLNESSES } from "../illnesses.ts";
import type { Patient } from "../patient.ts";
import type { FirstSubject } from "../subject.ts";

/** What the role that logged in may do. */
export interface RoleFacts {
  readonly name: string;
  readonly may_use_ops: boolean;
  /** Null where the database was never migrated: there is nothing to have rights on. */
  readonly has_ops: boolean;
  readonly sees_sessions: boolean;
}

export const credentials: FirstSubject = {
  name: "credentials",
  about: "whether the login is accepted, and what its role may do",
  async examine(patient) {
    if (patient.address === undefined) return [unasked("there is no address to log in at")];
    try {
      await patient.connect();
    } catch (error) {
      const { illness, says, next } = failureOf(error, patient.address);
      const isOurs = ILLNESSES[illness].subject === "credentials";
      return [isOurs ? ill(illness, says, next) : unasked("the server was not reached")];
    }
    return judgeRole(await roleFacts(patient));
  },
};

async function roleFacts(patient: Patient): Promise<RoleFacts> {
  const [facts] = await patient.inTransaction((ask) =>
    ask<RoleFacts>(`
      select current_user as name, to_regnamespace('ops') is not null as has_ops,
        coalesce(has_schema_privilege(to_regnamespace('ops')::oid, 'usage'), false) as may_use_ops,
        pg_has_role('pg_read_all_stats', 'usage') as sees_sessions`),
  );
  if (facts === undefined) throw new Error("the database did not say who we are");
  return facts;
}

/** Whether a role may look at everything that the doctor asks. */
export function judgeRole({ name, has_ops, may_use_ops, sees_sessions }: RoleFacts): Findings {
  if (has_ops && !may_use_ops) {
    return [
      ill("rights_missing", `role ${name} may not use the schema ops`, `as the owner: grant app_read to ${name}`),
    ];
  }
  return orFine(
    sees_sessions
      ? []
      : [
          ill(
            "sessions_hidden",
            `role ${name} sees its own sessions alone: those of others are not examined`,
            `as a superuser: grant pg_monitor to ${name}`,
          ),
        ],
    `logged in as ${name}`,
  );
}
