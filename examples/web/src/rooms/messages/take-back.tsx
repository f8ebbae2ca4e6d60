import type { Message } from "@neighbourhood-help/client";
import { MAX_TAKE_BACK_MINUTES } from "@neighbourhood-help/client/contracts";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { useCommand } from "../../app/use-command.ts";
import { Confirm } from "../../components/confirm.tsx";
import { keepMessage } from "./data.ts";

/** Takes one's own message back, while that is possible. */
export function TakeBack({ message }: { message: Message }) {
  const t = useTranslations("messages");
  const client = useClient();
  const queryClient = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const takeBack = useCommand({
    run: () => client.messages.delete(message.offer_id, message.id),
    refreshes: [["messages", "conversations"]],
    onDone: (left) => {
      setIsOpen(false);
      keepMessage(queryClient, left);
    },
  });
  if (Date.parse(message.created_at) + MAX_TAKE_BACK_MINUTES * 60_000 <= Date.now()) return null;
  return (
    <>
      <button type="button" className="icon-button" onClick={() => setIsOpen(true)}>
        {t("take_back")}
      </button>
      <Confirm
        title={t("take_back")}
        isOpen={isOpen}
        onClose={() => setIsOpen(false)}
        action={t("take_back")}
        isPending={takeBack.isPending}
        onConfirm={() => takeBack.mutate()}
      >
        <p className="quote">{message.body}</p>
        <p>{t("take_back_explained")}</p>
      </Confirm>
    </>
  );
}
