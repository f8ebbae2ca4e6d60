import { useQuery } from "@tanstack/react-query";
import { useFormatter, useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";

/** Says that the member is banned, since when and why; nothing where no ban holds. */
export function Ban() {
  const t = useTranslations("users");
  const format = useFormatter();
  const { users } = useClient();
  const { data: bans = [] } = useQuery({
    queryKey: ["users", "bans"],
    queryFn: ({ signal }) => users.bans({ signal }),
  });
  const ban = bans.find(({ lifted_at }) => lifted_at === null);
  if (ban === undefined) return null;
  return (
    <div className="problem">
      <p>{t("ban.text", { since: format.dateTime(new Date(ban.banned_at), { dateStyle: "long" }) })}</p>
      {ban.reason !== null && <p className="typed">{t("ban.reason", { reason: ban.reason })}</p>}
    </div>
  );
}
