import { getStorageSchemaSql } from "@supabase/lite";
import { STORAGE_ROLE } from "./roles.ts";

/**
 * The Storage server's role and tables, with owner and rights as on hosted projects; as a superuser, once.
 *
 * @param owner the product's owner. It becomes a member of the role, because PostgreSQL lets only a table's owner create
 * policies on it; on hosted projects an extension makes an exception for `postgres`.
 */
export function storageSql(owner: string): string {
  return `
    begin;
    do $$
    begin
      if not exists (select from pg_roles where rolname = '${STORAGE_ROLE}') then
        create role ${STORAGE_ROLE} login noinherit createrole;
      end if;
    end $$;
    grant anon, authenticated, service_role to ${STORAGE_ROLE};
    grant ${STORAGE_ROLE} to ${owner};
    ${getStorageSchemaSql()}
    do $$
    declare
      v_name text;
    begin
      alter schema storage owner to ${STORAGE_ROLE};
      for v_name in select format('table %I.%I', schemaname, tablename) from pg_tables where schemaname = 'storage'
        union all select 'function ' || p.oid::regprocedure from pg_proc p where p.pronamespace = 'storage'::regnamespace
      loop
        execute format('alter %s owner to ${STORAGE_ROLE}', v_name);
      end loop;
    end $$;
    grant usage on schema storage to anon, authenticated, service_role, ${owner};
    grant all on storage.buckets, storage.objects to anon, authenticated, service_role, ${owner};
    commit;`;
}
