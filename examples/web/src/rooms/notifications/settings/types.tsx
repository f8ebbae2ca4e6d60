import type { NotificationPreference, NotificationType } from "@neighbourhood-help/client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useClient } from "../../../app/context.ts";
import { useCommand } from "../../../app/use-command.ts";
import { Loaded } from "../../../components/states.tsx";
import { useLanguage } from "../../../texts/language.tsx";
import { CHANNELS, type Channel, grouped, isWanted, preferencesQuery, typesQuery } from "./data.ts";

/** What may be told, and over which channels it comes. */
export function Types() {
  const t = useTranslations("notification_settings");
  const client = useClient();
  const types = useQuery(typesQuery(client));
  const preferences = useQuery(preferencesQuery(client));
  return (
    <section className="stack">
      <h2>{t("types")}</h2>
      <p className="quiet">{t("types_hint")}</p>
      <Loaded query={types}>
        {(found) => (
          <Loaded query={preferences}>
            {(chosen) =>
              grouped(found).map(([group, members]) => (
                // closed at first: nobody looks for one of thirty in a long list
                <details key={group} className="card">
                  <summary>{t(`group.${group}`)}</summary>
                  {members.map((type) => (
                    <TypeRow key={type.type} type={type} chosen={chosen} />
                  ))}
                </details>
              ))
            }
          </Loaded>
        )}
      </Loaded>
    </section>
  );
}

interface Choice {
  readonly channel: Channel;
  readonly is_enabled: boolean;
}

function TypeRow({ type, chosen }: { type: NotificationType; chosen: NotificationPreference[] }) {
  const t = useTranslations("notification_settings");
  const { language } = useLanguage();
  const client = useClient();
  const { queryKey: key } = preferencesQuery(client);
  const { mutate } = useCommand({
    run: (choice: Choice) => client.notifications.setPreference({ ...choice, type: type.type }),
    refreshes: [key, ["notifications", "unread"], ["notifications", "list"]],
    optimistic: {
      key,
      change: (shown: NotificationPreference[], choice: Choice) => [
        ...shown.filter((row) => row.type !== type.type || row.channel !== choice.channel),
        // the server fills in whose it is
        { user_id: "", type: type.type, ...choice },
      ],
    },
  });
  return (
    <fieldset className="type-row">
      <legend>{language === "de" ? type.title_de : type.title_en}</legend>
      {CHANNELS.map((channel) => (
        <label key={channel} className="choice">
          <input
            type="checkbox"
            checked={isWanted(type, channel, chosen)}
            onChange={(event) => mutate({ channel, is_enabled: event.currentTarget.checked })}
          />
          {t(`channel.${channel}`)}
        </label>
      ))}
    </fieldset>
  );
}
