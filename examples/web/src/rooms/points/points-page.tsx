import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { Page } from "../../components/page.tsx";
import { PagedList, usePages } from "../../components/paged-list.tsx";
import { Balance, useAccount } from "./balance.tsx";
import { TransactionCard } from "./transaction-card.tsx";

/** The member's points, and every movement of them. */
export function PointsPage() {
  const t = useTranslations("points");
  const client = useClient();
  const { data: account } = useAccount();
  const history = usePages(["points", "history"], client.points.historyPage);
  return (
    <Page title={t("title")} hasBack>
      <Balance />
      {account && (
        <dl className="pairs">
          <dt>{t("earned")}</dt>
          <dd>{t("amount", { points: account.earned })}</dd>
          <dt>{t("spent")}</dt>
          <dd>{t("amount", { points: account.spent })}</dd>
        </dl>
      )}
      <p className="quiet">{t("explanation")}</p>
      <div className="button-row">
        <Link to="/rewards" className="button">
          {t("to_rewards")}
        </Link>
        <Link to="/redemptions" className="button">
          {t("to_redemptions")}
        </Link>
      </div>
      <h2>{t("history")}</h2>
      <PagedList query={history} empty={t("empty")}>
        {(transaction) => <TransactionCard transaction={transaction} />}
      </PagedList>
    </Page>
  );
}
