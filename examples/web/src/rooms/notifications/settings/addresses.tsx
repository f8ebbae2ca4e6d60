import { useQuery } from "@tanstack/react-query";
import { useFormatter, useTranslations } from "use-intl";
import { useClient } from "../../../app/context.ts";
import { useCommand } from "../../../app/use-command.ts";
import { Button } from "../../../components/button.tsx";
import { Empty, Loaded } from "../../../components/states.tsx";

const KEY = ["notifications", "addresses"];

/** Where e-mails and pushes go, and whether they were refused there. */
export function Addresses() {
  const t = useTranslations("notification_settings");
  const format = useFormatter();
  const { notifications } = useClient();
  const addresses = useQuery({ queryKey: KEY, queryFn: ({ signal }) => notifications.addresses({ signal }) });
  const remove = useCommand({ run: notifications.deletePushSubscription, refreshes: [KEY] });
  const day = (moment: string) => format.dateTime(new Date(moment), { dateStyle: "medium" });
  return (
    <section className="stack">
      <h2>{t("addresses")}</h2>
      <Loaded query={addresses}>
        {(found) =>
          found.length === 0 ? (
            <Empty>{t("addresses_none")}</Empty>
          ) : (
            <ul className="list">
              {found.map(({ channel, address, saved_at, refused_at }) => (
                <li key={address} className="card">
                  {channel === "email" ? (
                    <strong>{address}</strong>
                  ) : (
                    <>
                      <strong>{t("device", { host: new URL(address).host })}</strong>
                      <span className="quiet">{t("device_since", { since: day(saved_at) })}</span>
                    </>
                  )}
                  {refused_at !== null && (
                    <p className="field-error">
                      {t(channel === "email" ? "refused_email" : "refused_push", { since: day(refused_at) })}
                    </p>
                  )}
                  {channel === "web_push" && (
                    <div className="button-row">
                      <Button isPending={remove.isPending} onClick={() => remove.mutate(address)}>
                        {t("device_remove")}
                      </Button>
                    </div>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}
