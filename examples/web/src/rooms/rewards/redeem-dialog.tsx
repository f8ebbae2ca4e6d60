import { ApiError, type RewardWithPartner } from "@neighbourhood-help/client";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useClient, useSignedIn } from "../../app/context.ts";
import { useErrorText } from "../../app/error-text.ts";
import { useCommand } from "../../app/use-command.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { useAccount } from "../points/balance.tsx";
import { keepCode } from "../redemptions/kept-codes.ts";
import { useTitleOf } from "./facts.ts";
import { isRefused, redeem } from "./redeem.ts";

interface RedeemDialogProps {
  readonly reward: RewardWithPartner;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Asks once more before points are spent, and says why they were not. */
export function RedeemDialog({ reward, isOpen, onClose }: RedeemDialogProps) {
  const t = useTranslations("rewards");
  const app = useTranslations("app");
  const points = useTranslations("points");
  const client = useClient();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const { id: member_id } = useSignedIn();
  const { data: account } = useAccount();
  const title = useTitleOf()(reward);
  const cost = t("cost", { points: reward.points_cost });
  const [error, setError] = useState<unknown>();
  const command = useCommand({
    run() {
      setError(undefined);
      return redeem(client, member_id, reward);
    },
    refreshes: [["points"], ["rewards"], ["redemptions"]],
    onDone(answer) {
      const redemption_id = answer.redemption.id;
      queryClient.setQueryData(["redemptions", "redemption", redemption_id], answer);
      keepCode(member_id, answer);
      // in place of the reward, so that nobody who goes back from the code redeems once more by mistake
      void navigate({ to: "/redemptions/$redemption_id", params: { redemption_id }, replace: true });
    },
    // said in the dialog, where the finger is
    onError: setError,
  });
  const close = () => {
    setError(undefined);
    onClose();
  };
  return (
    <Dialog title={t("confirm_title")} isOpen={isOpen} onClose={close}>
      <p>{t("confirm_text", { cost, title, partner: reward.partner.name })}</p>
      {account && (
        <dl className="pairs redeem-facts">
          <dt>{t("balance_now")}</dt>
          <dd>{points("amount", { points: account.balance })}</dd>
          {account.balance >= reward.points_cost && (
            <>
              <dt>{t("balance_after")}</dt>
              <dd>{points("amount", { points: account.balance - reward.points_cost })}</dd>
            </>
          )}
        </dl>
      )}
      <RedeemProblem error={error} />
      {command.isPaused && <p role="status">{t("waits_for_network")}</p>}
      <div className="button-row">
        <Button kind="primary" isPending={command.isPending} onClick={() => command.mutate(undefined)}>
          {t("spend", { points: reward.points_cost })}
        </Button>
        <Button onClick={close}>{app("cancel")}</Button>
      </div>
    </Dialog>
  );
}

/** What came in between, and whether points were spent. */
function RedeemProblem({ error }: { error: unknown }) {
  const t = useTranslations("rewards");
  const errorText = useErrorText();
  if (error === undefined) return null;
  const isNewPrice = error instanceof ApiError && error.code === "price_changed";
  const refused = isNewPrice
    ? t("price_changed", { cost: t("cost", { points: Number(error.detail) }) })
    : `${errorText(error)} ${t("not_spent")}`;
  return (
    <p role="alert" className="problem">
      {isRefused(error) ? refused : t("no_answer")}
    </p>
  );
}
