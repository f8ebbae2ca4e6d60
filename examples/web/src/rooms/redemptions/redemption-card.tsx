import type { Redemption } from "@neighbourhood-help/client";
import { Link } from "@tanstack/react-router";
import { useFormatter, useTranslations } from "use-intl";
import { useTitleOf } from "../rewards/facts.ts";

/** A redemption in a list; leads to its code. */
export function RedemptionCard({ redemption }: { redemption: Redemption }) {
  const t = useTranslations("redemptions");
  const format = useFormatter();
  const { id, partner_name, points_spent, status, redeemed_at, expires_at } = redemption;
  const day = (moment: string) => format.dateTime(new Date(moment), { dateStyle: "medium" });
  const facts = [partner_name, t("spent", { points: points_spent }), day(redeemed_at)];
  return (
    <Link to="/redemptions/$redemption_id" params={{ redemption_id: id }} className="card">
      <strong>{useTitleOf()(redemption)}</strong>
      <span className="quiet">{facts.join(" · ")}</span>
      <span>
        <span className="tag">{t(`status.${status}`)}</span>
        {status === "active" && <span className="quiet"> {t("until", { date: day(expires_at) })}</span>}
      </span>
    </Link>
  );
}
