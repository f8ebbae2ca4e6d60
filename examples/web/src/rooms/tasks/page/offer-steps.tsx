import type { TaskOfferWithHelper } from "@neighbourhood-help/client";
import { useTranslations } from "use-intl";
import { useClient } from "../../../app/context.ts";
import { Button } from "../../../components/button.tsx";
import { MessageLink } from "../../messages/message-link.tsx";
import { type ShownTask, useEvents, useOfferCommand } from "./data.ts";
import { EventChanges } from "./event-changes.tsx";
import { OfferForm } from "./offer-form.tsx";
import { isOver } from "./times.ts";

/** What somebody can do who is not, or not yet, the helper: offer, renew, take back. */
export function OfferSteps({ task, ownOffer }: ShownTask) {
  const t = useTranslations("tasks.page.offer_steps");
  const creator = task.creator.name;
  const takesOffers = task.status === "open" && !isOver(task);
  if (ownOffer === undefined) {
    return takesOffers ? <OfferForm task={task} label={t("offer")} /> : <p>{t("over")}</p>;
  }
  switch (ownOffer.status) {
    case "pending":
      return <PendingOffer task={task} offer={ownOffer} takesOffers={takesOffers} />;
    case "withdrawn":
      return (
        <>
          <p>{t("withdrawn")}</p>
          {takesOffers && <OfferForm task={task} label={t("offer_again")} />}
        </>
      );
    case "declined":
      return <p>{t("declined", { creator })}</p>;
    case "accepted":
    case "not_chosen":
      return (
        <>
          <p>{t("not_chosen", { creator })}</p>
          <div className="button-row">
            <WithdrawButton taskId={task.id} offer={ownOffer} />
          </div>
        </>
      );
  }
}

interface PendingOfferProps {
  readonly task: ShownTask["task"];
  readonly offer: TaskOfferWithHelper;
  readonly takesOffers: boolean;
}

function PendingOffer({ task, offer, takesOffers }: PendingOfferProps) {
  const t = useTranslations("tasks.page.offer_steps");
  const creator = task.creator.name;
  const isOutdated = offer.is_outdated === true;
  return (
    <>
      <p>{!takesOffers ? t("over") : isOutdated ? t("outdated") : t("pending", { creator })}</p>
      {isOutdated && <ChangesSince taskId={task.id} termsVersion={offer.terms_version} />}
      {offer.message && <p className="quote">{offer.message}</p>}
      <div className="button-row">
        {isOutdated && takesOffers && <RenewButton task={task} offer={offer} />}
        <MessageLink offer={offer} name={creator} isPrimary={!isOutdated && takesOffers} />
        <WithdrawButton taskId={task.id} offer={offer} />
      </div>
    </>
  );
}

/** What was changed after the offer was made. */
function ChangesSince({ taskId, termsVersion }: { taskId: string; termsVersion: number }) {
  const { data = [] } = useEvents(taskId);
  return data
    .filter(({ details }) => versionOf(details) > termsVersion)
    .map((event) => <EventChanges key={event.id} details={event.details} />);
}

function versionOf(details: unknown): number {
  const version: unknown = typeof details === "object" && details !== null && Reflect.get(details, "terms_version");
  return typeof version === "number" ? version : 0;
}

function RenewButton({ task, offer }: { task: ShownTask["task"]; offer: TaskOfferWithHelper }) {
  const t = useTranslations("tasks.page.offer_steps");
  const client = useClient();
  const renew = useOfferCommand({
    taskId: task.id,
    // what is on the screen is agreed to, not what it may have become meanwhile
    run: () => client.tasks.renewOffer(offer.id, { terms_version: task.terms_version }),
    change: (offers) => offers.map((other) => (other.id === offer.id ? { ...other, is_outdated: false } : other)),
  });
  return (
    <Button kind="primary" isPending={renew.isPending} onClick={() => renew.mutate()}>
      {t("renew")}
    </Button>
  );
}

function WithdrawButton({ taskId, offer }: { taskId: string; offer: TaskOfferWithHelper }) {
  const t = useTranslations("tasks.page.offer_steps");
  const client = useClient();
  const withdraw = useOfferCommand({
    taskId,
    run: () => client.tasks.withdrawOffer(offer.id),
    change: (offers) => offers.map((other) => (other.id === offer.id ? { ...other, status: "withdrawn" } : other)),
  });
  return (
    <Button isPending={withdraw.isPending} onClick={() => withdraw.mutate()}>
      {t("withdraw")}
    </Button>
  );
}
