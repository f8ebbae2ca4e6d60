import type { Redemption, RedemptionWithCode } from "@neighbourhood-help/client";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { useClient, useSignedIn } from "../../app/context.ts";
import { useCommand } from "../../app/use-command.ts";
import { Button } from "../../components/button.tsx";
import { Confirm } from "../../components/confirm.tsx";
import { useNotices } from "../../components/notices.tsx";
import { keepCode } from "./kept-codes.ts";

/** Gives an unused code back for its points, while the reward allows it. */
export function ReturnCode({ redemption }: { redemption: Redemption }) {
  const t = useTranslations("redemptions");
  const format = useFormatter();
  const client = useClient();
  const queryClient = useQueryClient();
  const { id: memberId } = useSignedIn();
  const { tell } = useNotices();
  const [isAsking, setIsAsking] = useState(false);
  const { id, points_spent, returnable_until } = redemption;
  const command = useCommand({
    run: () => client.redemptions.return(id),
    refreshes: [["points"], ["rewards"], ["redemptions"]],
    onDone(returned) {
      const answer: RedemptionWithCode = { redemption: returned, code: null, qr: null };
      keepCode(memberId, answer);
      queryClient.setQueryData(["redemptions", "redemption", id], answer);
      setIsAsking(false);
      tell(t("returned"));
    },
  });
  if (returnable_until === null || new Date(returnable_until) <= new Date()) return null;
  return (
    <>
      <Button onClick={() => setIsAsking(true)}>{t("return")}</Button>
      <Confirm
        title={t("return_title")}
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        action={t("return")}
        isPending={command.isPending}
        onConfirm={() => command.mutate(undefined)}
      >
        <p>{t("return_text", { points: points_spent })}</p>
        <p className="quiet">
          {t("return_until", {
            moment: format.dateTime(new Date(returnable_until), { dateStyle: "medium", timeStyle: "short" }),
          })}
        </p>
      </Confirm>
    </>
  );
}
