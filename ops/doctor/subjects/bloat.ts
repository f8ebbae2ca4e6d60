import { inBytes } from "../../core/show.ts";
import { type Findings, ill, orFine } from "../finding.ts";
import type { DatabaseSubject } from "../subject.ts";

/** Smaller ones are not worth the work, and their estimate is rough. */
const LEAST_BYTES = 10 * 1024 ** 2;
const MOST_SHARE = 0.5;

/** A table or index of which much is air. */
export interface BloatFacts {
  readonly table: string;
  readonly index: string | null;
  readonly bytes: number;
  readonly bloat_bytes: number;
}

export const bloat: DatabaseSubject = {
  name: "bloat",
  about: "tables and indexes of which more than half is air",
  async ask({ ask }) {
    return judgeBloat(
      await ask<BloatFacts>(
        `select format('%I.%I', b.schema_name, b.table_name) as table,
           case when b.index_name is not null then format('%I.%I', b.schema_name, b.index_name) end as index, b.bytes, b.bloat_bytes
         from ops.bloat b where b.bloat_bytes >= $1::bigint and b.bloat_share >= $2::numeric limit 10`,
        [String(LEAST_BYTES), String(MOST_SHARE)],
      ),
    );
  },
};

/** What could be smaller. An index is built anew without stopping anybody; a table only with a lock, so that is left to people. */
export function judgeBloat(found: readonly BloatFacts[]): Findings {
  const findings = found.map(({ table, index, bytes, bloat_bytes }) => {
    const says = `${index ?? table}: about ${inBytes(bloat_bytes)} of ${inBytes(bytes)} are air`;
    if (index === null) {
      return ill(
        "table_bloated",
        says,
        `npm run sql -- "vacuum (analyze) ${table}" makes the room usable again; giving it back to the disk takes a lock: vacuum full`,
      );
    }
    const sql = `reindex index concurrently ${index}`;
    return ill("index_bloated", says, `npm run sql -- "${sql}"`, {
      title: sql,
      async run(patient) {
        await patient.act(sql);
        // its statistics tell how large it ought to be
        await patient.act(`analyze ${table}`);
        return "built anew";
      },
    });
  });
  return orFine(findings, "no table or index is mostly air");
}
