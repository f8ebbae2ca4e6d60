import type { RewardWithPartner } from "@neighbourhood-help/client";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useClient, useSignedIn } from "../../app/context.ts";
import { Button } from "../../components/button.tsx";
import { Page } from "../../components/page.tsx";
import { Loaded } from "../../components/states.tsx";
import { useLanguage } from "../../texts/language.tsx";
import { useAccount } from "../points/balance.tsx";
import { availabilityOf, textsOf, useAvailabilityText, useDiscountText } from "./facts.ts";
import { isUnanswered } from "./redeem.ts";
import { RedeemDialog } from "./redeem-dialog.tsx";
import { RewardFacts } from "./reward-facts.tsx";
import { RewardPlaces } from "./reward-places.tsx";
import "./rewards.css";

/** A reward, and redeeming it. */
export function RewardPage() {
  const client = useClient();
  const { reward_id } = useParams({ from: "/member/rewards/$reward_id" });
  const query = useQuery({
    queryKey: ["rewards", "reward", reward_id],
    queryFn: ({ signal }) => client.rewards.get(reward_id, { signal }),
  });
  const t = useTranslations("rewards");
  const { language } = useLanguage();
  return (
    <Page title={query.data ? textsOf(query.data, language).title : t("title")} hasBack>
      <Loaded query={query}>{(reward) => <RewardDetails reward={reward} />}</Loaded>
    </Page>
  );
}

function RewardDetails({ reward }: { reward: RewardWithPartner }) {
  const t = useTranslations("rewards");
  const { language } = useLanguage();
  const { description, terms } = textsOf(reward, language);
  const discountText = useDiscountText();
  return (
    <>
      <p>
        <span className="tag">{discountText(reward)}</span> {reward.partner.name}
      </p>
      {description && <p className="as-written">{description}</p>}
      <Redeem reward={reward} />
      <h2>{t("facts")}</h2>
      <RewardFacts reward={reward} />
      {terms && (
        <>
          <h2>{t("terms")}</h2>
          <p className="as-written">{terms}</p>
        </>
      )}
      <RewardPlaces partner={reward.partner} />
    </>
  );
}

/** The button, or why there is none. */
function Redeem({ reward }: { reward: RewardWithPartner }) {
  const [isAsking, setIsAsking] = useState(false);
  return (
    <>
      <Offer reward={reward} onRedeem={() => setIsAsking(true)} />
      <RedeemDialog reward={reward} isOpen={isAsking} onClose={() => setIsAsking(false)} />
    </>
  );
}

function Offer({ reward, onRedeem }: { reward: RewardWithPartner; onRedeem: () => void }) {
  const t = useTranslations("rewards");
  const { id: member_id } = useSignedIn();
  const { data: account } = useAccount();
  const availability = useAvailabilityText()(reward);
  const missing = account === undefined ? 0 : reward.points_cost - account.balance;
  // an open try can always be repeated: it may have taken the last one, or the last points
  const hasOpenTry = isUnanswered({ member_id, reward_id: reward.id });
  if (!hasOpenTry && availabilityOf(reward, new Date()).state !== "available") {
    return (
      <p>
        <strong>{availability}</strong>
      </p>
    );
  }
  if (!hasOpenTry && missing > 0) {
    return (
      <>
        <p>{t("not_affordable", { points: missing })}</p>
        <Link to="/" className="button">
          {t("find_tasks")}
        </Link>
      </>
    );
  }
  return (
    <>
      {hasOpenTry && <p className="problem">{t("unanswered")}</p>}
      <Button kind="primary" onClick={onRedeem}>
        {t("redeem")} · {t("cost", { points: reward.points_cost })}
      </Button>
    </>
  );
}
