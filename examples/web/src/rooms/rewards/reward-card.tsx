import type { RewardWithPartner } from "@neighbourhood-help/client";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useAvailabilityText, useDiscountText, useTitleOf } from "./facts.ts";

interface RewardCardProps {
  readonly reward: RewardWithPartner;
  /** The member's points, once they are known. */
  readonly balance: number | undefined;
}

/** A reward in a list; leads to its page. */
export function RewardCard({ reward, balance }: RewardCardProps) {
  const t = useTranslations("rewards");
  const discountText = useDiscountText();
  const availability = useAvailabilityText()(reward);
  const title = useTitleOf()(reward);
  const missing = balance === undefined ? 0 : reward.points_cost - balance;
  return (
    <Link to="/rewards/$reward_id" params={{ reward_id: reward.id }} className="card">
      <strong>{title}</strong>
      <span className="quiet">{[reward.partner.name, discountText(reward)].join(" · ")}</span>
      <span>
        <span className="tag">{t("cost", { points: reward.points_cost })}</span>
        {missing > 0 && <span className="quiet"> {t("missing", { points: missing })}</span>}
      </span>
      {availability !== undefined && <span className="quiet">{availability}</span>}
    </Link>
  );
}
