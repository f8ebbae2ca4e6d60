import type { Profile } from "@neighbourhood-help/client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { useCommand } from "../../app/use-command.ts";
import { Button } from "../../components/button.tsx";
import { Confirm } from "../../components/confirm.tsx";
import { useNotices } from "../../components/notices.tsx";
import { blockedQuery } from "./queries.ts";

/** What a block changes for both. */
const CHANGED_BY_BLOCKS = [["users", "blocked"], ["tasks"], ["messages"], ["search"], ["recommendations"]];

/** Lifts a block. */
export function useUnblock() {
  const { users } = useClient();
  return useCommand({ run: users.unblock, refreshes: CHANGED_BY_BLOCKS });
}

/** Blocks a member after asking, or lifts the block. */
export function BlockButton({ user }: { user: Profile }) {
  const t = useTranslations("users");
  const client = useClient();
  const { tell } = useNotices();
  const [isAsking, setAsking] = useState(false);
  const { data: blocks } = useQuery(blockedQuery(client));
  const unblock = useUnblock();
  const block = useCommand({
    run: client.users.block,
    refreshes: CHANGED_BY_BLOCKS,
    onDone() {
      setAsking(false);
      tell(t("block.done", { name: user.name }));
    },
  });
  if (blocks === undefined) return null;
  return blocks.some(({ blocked_id }) => blocked_id === user.id) ? (
    <div className="stack-small">
      <p>{t("block.is", { name: user.name })}</p>
      <Button isPending={unblock.isPending} onClick={() => unblock.mutate(user.id)}>
        {t("block.lift")}
      </Button>
    </div>
  ) : (
    <>
      <Button kind="danger" onClick={() => setAsking(true)}>
        {t("block.do")}
      </Button>
      <Confirm
        title={t("block.title", { name: user.name })}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        action={t("block.do")}
        isPending={block.isPending}
        onConfirm={() => block.mutate(user.id)}
      >
        <p>{t("block.text", { name: user.name })}</p>
      </Confirm>
    </>
  );
}
