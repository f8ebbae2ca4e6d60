import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { Loaded } from "../../components/states.tsx";
import "./points.css";

/** The points of the member who is signed in. */
export function useAccount() {
  const client = useClient();
  return useQuery({
    queryKey: ["points", "account"],
    queryFn: ({ signal }) => client.points.account({ signal }),
  });
}

/** How many points the member has, large. */
export function Balance() {
  const t = useTranslations("points");
  return (
    <Loaded query={useAccount()}>
      {({ balance }) => (
        <p className="balance">
          {t("balance")} <strong>{t("amount", { points: balance })}</strong>
        </p>
      )}
    </Loaded>
  );
}
