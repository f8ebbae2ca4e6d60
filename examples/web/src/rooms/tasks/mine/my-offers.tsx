import type { OfferStatus } from "@neighbourhood-help/client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useClient } from "../../../app/context.ts";
import { PagedList, usePages } from "../../../components/paged-list.tsx";
import { TaskCard } from "../task-card.tsx";
import { YourTurn } from "./your-turn.tsx";

/** Offers one has made, with their tasks. */
export function MyOffers({ status }: { status: OfferStatus | undefined }) {
  const t = useTranslations("tasks.mine");
  const client = useClient();
  const pages = usePages(["tasks", "my-offers", { status }], (page, options) =>
    client.tasks.myOffersPage({ status, ...page }, options),
  );
  const { data } = useQuery({
    queryKey: ["tasks", "my-offers", { turn: true }],
    queryFn: ({ signal }) => client.tasks.myOffersPage({ status: "pending", page_size: 50 }, { signal }),
    enabled: status === undefined,
  });
  const turns = (data?.items ?? []).flatMap(({ task, is_outdated }) =>
    task && is_outdated === true && task.status === "open" ? [{ task, turn: t("turn.renew") }] : [],
  );
  return (
    <>
      {status === undefined && <YourTurn turns={turns} />}
      <PagedList query={pages} empty={t("empty.offers")}>
        {(offer) => (
          <>
            <p className="quiet">{t(`offer_status.${offer.status}`)}</p>
            {offer.task ? <TaskCard task={offer.task} /> : <p className="card">{t("hidden_task")}</p>}
          </>
        )}
      </PagedList>
    </>
  );
}
