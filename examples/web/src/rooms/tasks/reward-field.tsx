import { MAX_POINTS_REWARD, MIN_POINTS_REWARD } from "@neighbourhood-help/client/contracts";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { Field } from "../../components/field.tsx";
import { useTaskRules } from "./rules.ts";
import type { TaskFormPart } from "./task-form.tsx";

/** How many points the helper receives, and from whom. */
export function RewardField({ draft, change, errorAt }: TaskFormPart) {
  const t = useTranslations("tasks.form");
  const { funding, balance } = useFunding();
  const isTooMuch = funding === "creator" && balance !== undefined && Number(draft.points_reward) > balance;
  const error = errorAt("points_reward") ?? (isTooMuch ? t("not_enough", { balance }) : undefined);
  const payer =
    funding === "creator" && balance !== undefined
      ? t("paid_by_you", { balance })
      : funding === "community" && t("paid_by_community");
  return (
    <Field
      label={t("reward")}
      hint={
        <>
          {t("reward_hint", { min: MIN_POINTS_REWARD, max: MAX_POINTS_REWARD })} {payer}
        </>
      }
      error={error}
    >
      {(control) => (
        <input
          {...control}
          type="number"
          inputMode="numeric"
          step="1"
          min={MIN_POINTS_REWARD}
          max={MAX_POINTS_REWARD}
          required
          value={draft.points_reward}
          onChange={(event) => change({ points_reward: event.target.value })}
        />
      )}
    </Field>
  );
}

/** Who pays for tasks here, and what the member has. */
function useFunding() {
  const client = useClient();
  const funding = useTaskRules()?.reward_funding;
  const account = useQuery({
    queryKey: ["points", "account"],
    queryFn: ({ signal }) => client.points.account({ signal }),
  });
  return { funding, balance: account.data?.balance };
}
