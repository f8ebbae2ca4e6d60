import type { PointTransactionWithTask } from "@neighbourhood-help/client";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useFormatter, useTranslations } from "use-intl";

/** A movement of points; leads to the task or the reward that it was for. */
export function TransactionCard({ transaction }: { transaction: PointTransactionWithTask }) {
  const t = useTranslations("points");
  const format = useFormatter();
  const { amount, type, task, redemption_id, balance_after, created_at } = transaction;
  const refunded = redemption_id === null ? "refund_of_task" : "refund_of_redemption";
  // a refund's description is a word for machines
  const subject = type === "refund" ? task?.title : (task?.title ?? transaction.description);
  const content = (
    <>
      <span>
        <strong>{t(`types.${type === "refund" ? refunded : type}`)}</strong>
        {subject && (
          <>
            <br />
            {subject}
          </>
        )}
        <br />
        <time className="quiet" dateTime={created_at}>
          {format.dateTime(new Date(created_at), { dateStyle: "medium", timeStyle: "short" })}
        </time>
      </span>
      <span>
        <strong>{format.number(amount, { signDisplay: "always" })}</strong>
        <br />
        <span className="quiet">{t("balance_after", { points: balance_after })}</span>
      </span>
    </>
  );
  return <Target transaction={transaction}>{content}</Target>;
}

function Target({ transaction, children }: { transaction: PointTransactionWithTask; children: ReactNode }) {
  const { task, redemption_id } = transaction;
  const className = "card point-transaction";
  if (redemption_id !== null) {
    return (
      <Link to="/redemptions/$redemption_id" params={{ redemption_id }} className={className}>
        {children}
      </Link>
    );
  }
  if (task === null) return <div className={className}>{children}</div>;
  return (
    <Link to="/tasks/$task_id" params={{ task_id: task.id }} className={className}>
      {children}
    </Link>
  );
}
