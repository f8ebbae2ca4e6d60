import type { MessageSettings } from "@neighbourhood-help/client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { useCommand } from "../../app/use-command.ts";
import { Loaded } from "../../components/states.tsx";
import { Switch } from "../../components/switch.tsx";

const KEY = ["messages", "settings"];

/** What a member chose about messages. */
export function MessageChoices() {
  const t = useTranslations("users");
  const { messages } = useClient();
  const settings = useQuery({ queryKey: KEY, queryFn: ({ signal }) => messages.settings({ signal }) });
  const { mutate } = useCommand({
    run: (changes: Partial<MessageSettings>) => messages.updateSettings(changes),
    refreshes: [KEY],
    optimistic: {
      key: KEY,
      change: (shown: MessageSettings, changes: Partial<MessageSettings>): MessageSettings => ({
        ...shown,
        ...changes,
      }),
    },
  });
  return (
    <section className="stack">
      <h2>{t("message_choices.title")}</h2>
      <Loaded query={settings}>
        {({ show_read_marks, show_text }) => (
          <>
            <Switch
              label={t("message_choices.read_marks")}
              hint={t("message_choices.read_marks_hint")}
              isOn={show_read_marks}
              onChange={(isOn) => mutate({ show_read_marks: isOn })}
            />
            <Switch
              label={t("message_choices.text")}
              hint={t("message_choices.text_hint")}
              isOn={show_text}
              onChange={(isOn) => mutate({ show_text: isOn })}
            />
          </>
        )}
      </Loaded>
    </section>
  );
}
