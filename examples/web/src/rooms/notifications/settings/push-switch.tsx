import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useConnection } from "../../../app/context.ts";
import { pushState, subscribeToPush, unsubscribeFromPush } from "../../../app/push.ts";
import { useCommand } from "../../../app/use-command.ts";
import { Switch } from "../../../components/switch.tsx";

const KEY = ["notifications", "push_state"];

/** Pushes to this very browser; it asks the member for permission. */
export function PushSwitch() {
  const t = useTranslations("notification_settings");
  const connection = useConnection();
  const { data: state } = useQuery({ queryKey: KEY, queryFn: () => pushState(connection) });
  const { mutate, isPending } = useCommand({
    run: async (isWanted: boolean) => {
      await (isWanted ? subscribeToPush(connection) : unsubscribeFromPush(connection));
    },
    refreshes: [KEY, ["notifications", "addresses"]],
  });
  // the project sends none
  if (state === undefined || state === "not_offered") return null;
  const canChange = state === "on" || state === "off";
  return (
    <Switch
      label={t("this_device")}
      hint={t(`push_state.${state}`)}
      isOn={state === "on"}
      isDisabled={!canChange || isPending}
      onChange={mutate}
    />
  );
}
