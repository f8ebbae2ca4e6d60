import { type Findings, ill, orFine, type Repair } from "../finding.ts";
import type { Illness } from "../illnesses.ts";
import type { DatabaseSubject } from "../subject.ts";

/** A row of ops.index_problems. */
export interface IndexFacts {
  readonly problem: string;
  /** Quoted where it has to be. */
  readonly table: string;
  readonly index: string | null;
  readonly detail: string;
  readonly remedy: string;
}

const ILLNESS_OF: Readonly<Record<string, Illness>> = {
  invalid: "index_invalid",
  duplicate: "index_duplicate",
  unused: "index_unused",
  foreign_key_without_index: "index_missing",
  read_in_full: "table_read_in_full",
};

export const indexes: DatabaseSubject = {
  name: "indexes",
  about: "indexes that are invalid, twice there, unused or missing",
  async ask({ ask }) {
    return judgeIndexes(
      await ask<IndexFacts>(`
        select p.problem, format('%I.%I', p.schema_name, p.table_name) as table,
          case when p.index_name is not null then format('%I.%I', p.schema_name, p.index_name) end as index, p.detail, p.remedy
        from ops.index_problems p
        -- one that is just being built is not valid yet
        where p.problem <> 'invalid' or not exists (
          select from pg_stat_progress_create_index b
          where b.index_relid = to_regclass(format('%I.%I', p.schema_name, p.index_name)))`),
    );
  },
};

/** What is to mend. Only what is invalid is mended here: an index that seems superfluous may be needed by a yearly report. */
export function judgeIndexes(found: readonly IndexFacts[]): Findings {
  const findings = found.flatMap(({ problem, table, index, detail, remedy }) => {
    const illness = ILLNESS_OF[problem];
    if (illness === undefined) return [];
    const says = index === null ? `${table}: ${detail}` : `${index} of ${table}: ${detail}`;
    if (illness !== "index_invalid" || index === null) return [ill(illness, says, remedy)];
    return [ill(illness, says, "npm run doctor -- --only indexes --fix", mend(index))];
  });
  return orFine(findings, "no index is invalid or twice there, no foreign key lacks one");
}

/** What `reindex concurrently` leaves behind when it is broken off; the index itself is as it was. */
const LEFT_BEHIND = /_cc(?:new|old)\d*"?$/u;

function mend(index: string): Repair {
  const isLeft = LEFT_BEHIND.test(index);
  const sql = isLeft ? `drop index concurrently ${index}` : `reindex index concurrently ${index}`;
  return {
    title: isLeft ? `${sql} (left behind by a reindex that was broken off)` : sql,
    async run(patient) {
      await patient.act(sql);
      return isLeft ? "dropped" : "built anew";
    },
  };
}
