import type { TaskOfferWithHelper } from "@neighbourhood-help/client";
import { useFormatter, useTranslations } from "use-intl";
import { useClient } from "../../../app/context.ts";
import { Button } from "../../../components/button.tsx";
import { Empty } from "../../../components/states.tsx";
import { MessageLink } from "../../messages/message-link.tsx";
import { MemberLink } from "../../users/member-link.tsx";
import { AskButton } from "./ask-button.tsx";
import { type ShownTask, useTaskCommand } from "./data.ts";
import { SuggestedHelpers } from "./suggested-helpers.tsx";
import { isOver } from "./times.ts";

/** The offers of help, for the creator to choose from; and while the task is open, who else might help. */
export function TaskOffers({ task, offers }: ShownTask) {
  const t = useTranslations("tasks.page.offers");
  const takesOffers = task.status === "open" && !isOver(task);
  const acceptable = offers.filter(isAcceptable);
  return (
    <section className="stack" aria-labelledby="offers">
      <h2 id="offers">{t("title", { count: offers.length })}</h2>
      {offers.length === 0 ? (
        <Empty>{t(takesOffers ? "none_yet" : "none")}</Empty>
      ) : (
        <ul className="list">
          {offers.map((offer) => (
            <li key={offer.id} className="card offer">
              <OfferCard task={task} offer={offer} canAccept={takesOffers} isOnlyOne={acceptable.length === 1} />
            </li>
          ))}
        </ul>
      )}
      {takesOffers && <SuggestedHelpers taskId={task.id} />}
    </section>
  );
}

const isAcceptable = ({ status, is_outdated }: TaskOfferWithHelper) => status === "pending" && is_outdated !== true;

interface OfferCardProps {
  readonly task: ShownTask["task"];
  readonly offer: TaskOfferWithHelper;
  readonly canAccept: boolean;
  /** Nothing else to choose from, so this is the next step. */
  readonly isOnlyOne: boolean;
}

function OfferCard({ task, offer, canAccept, isOnlyOne }: OfferCardProps) {
  const t = useTranslations("tasks.page.offers");
  const format = useFormatter();
  const client = useClient();
  const { helper } = offer;
  const isChosen = task.helper_id === offer.helper_id;
  const isPending = offer.status === "pending" && !isChosen;
  return (
    <>
      <MemberLink user={helper} />
      {helper.accepted_tasks !== null && helper.finished_tasks !== null && helper.accepted_tasks > 0 && (
        <p className="quiet">
          {t("reliability", { finished: helper.finished_tasks, accepted: helper.accepted_tasks })}
        </p>
      )}
      {offer.message && <p className="quote">{offer.message}</p>}
      <p>
        <span className="tag">{t(isChosen ? "status.accepted" : `status.${offer.status}`)}</span>{" "}
        <time className="quiet" dateTime={offer.created_at}>
          {format.dateTime(new Date(offer.created_at), { dateStyle: "medium", timeStyle: "short" })}
        </time>
      </p>
      {isPending && offer.is_outdated === true && <p>{t("outdated", { name: helper.name })}</p>}
      <div className="button-row">
        {canAccept && isAcceptable(offer) && <AcceptButton taskId={task.id} offer={offer} isNext={isOnlyOne} />}
        <MessageLink offer={offer} name={helper.name} />
        {canAccept && isPending && (
          <AskButton
            taskId={task.id}
            label={t("decline")}
            explanation={t("decline_explained", { name: helper.name })}
            confirm={t("decline_confirm")}
            kind="danger"
            run={() => client.tasks.declineOffer(offer.id)}
          />
        )}
      </div>
    </>
  );
}

function AcceptButton({ taskId, offer, isNext }: { taskId: string; offer: TaskOfferWithHelper; isNext: boolean }) {
  const t = useTranslations("tasks.page.offers");
  const client = useClient();
  const accept = useTaskCommand({
    taskId,
    run: () => client.tasks.acceptOffer(offer.id),
    change: (task) => ({ ...task, status: "assigned", helper_id: offer.helper_id, helper: offer.helper }),
  });
  return (
    <Button kind={isNext ? "primary" : "plain"} isPending={accept.isPending} onClick={() => accept.mutate()}>
      {t("accept", { name: offer.helper.name })}
    </Button>
  );
}
