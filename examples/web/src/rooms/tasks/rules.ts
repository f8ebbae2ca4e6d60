import { useQuery } from "@tanstack/react-query";
import { useClient } from "../../app/context.ts";

/** How helping each other works in this community; undefined until it is known. */
export function useTaskRules() {
  const client = useClient();
  const { data } = useQuery({
    queryKey: ["tasks", "rules"],
    queryFn: ({ signal }) => client.tasks.rules({ signal }),
  });
  return data;
}
