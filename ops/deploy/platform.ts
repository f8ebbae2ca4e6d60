import { type Action, command } from "./actions.ts";
import { type Target, variableOf } from "./target.ts";

/** The functions' secrets, then the functions: new code may need a new secret, old code does not mind it. */
export const FUNCTIONS: readonly Action[] = [
  command({
    program: "supabase",
    args: ["secrets", "set", "--env-file", "$FUNCTIONS_ENV_FILE", "--remote=$SUPABASE_PROJECT_REF", "--yes"],
  }),
  command({
    program: "supabase",
    args: ["functions", "deploy", "--use-api", "--remote=$SUPABASE_PROJECT_REF", "--yes"],
  }),
];

/** On a server of one's own nobody but its operator can do it. */
export const FUNCTIONS_BY_HAND: Action = {
  show: "nothing   # --self-hosted: put supabase/functions and their secrets where you run them",
  async run({ note }) {
    note("functions and their secrets are left to you (--self-hosted)");
  },
};

/** What the schedule needs to call functions; read by ops functions of the room operations. */
const VAULT_SECRETS = [
  ["project_url", "SUPABASE_URL"],
  ["secret_key", "SUPABASE_SECRET_KEY"],
] as const;

/** The address and key with which the database calls functions, in Vault. */
export const SCHEDULE: readonly Action[] = VAULT_SECRETS.map(([name, variable]) => ({
  show: `SQL: select vault.create_secret('$${variable}', '${name}')   # or vault.update_secret; nothing without Vault`,
  async run({ target, database, note }) {
    const open = await database();
    const [vault] = await open.query<{ is_there: boolean }>(
      "select to_regclass('vault.secrets') is not null as is_there",
    );
    if (!vault?.is_there) return note(NO_VAULT);
    await open.query(
      `select case when s.id is null then vault.create_secret($1, $2)::text else vault.update_secret(s.id, $1)::text end
       from (select $2::text as name) w left join vault.secrets s on s.name = w.name`,
      [variableOf(target, variable), name],
    );
  },
}));

const NO_VAULT = "no Vault in this database: keep npm run jobs running, it calls the functions";

/** Which actions bring the functions to a target. */
export const functionActions = (target: Target): readonly Action[] =>
  target.isHosted ? FUNCTIONS : [FUNCTIONS_BY_HAND];
