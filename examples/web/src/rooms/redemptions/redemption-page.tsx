import { ApiError, type Redemption, type RedemptionWithCode } from "@neighbourhood-help/client";
import { Link, useParams } from "@tanstack/react-router";
import { useFormatter, useNow, useTranslations } from "use-intl";
import { Button } from "../../components/button.tsx";
import { Page } from "../../components/page.tsx";
import { Loaded, Problem } from "../../components/states.tsx";
import { useTitleOf } from "../rewards/facts.ts";
import { CodeCard } from "./code-card.tsx";
import { ReturnCode } from "./return-code.tsx";
import { useCode, useRedemption } from "./use-redemption.ts";
import "./redemptions.css";

/** A redemption: its code for the till, or what became of it. */
export function RedemptionPage() {
  const t = useTranslations("redemptions");
  const { redemption_id } = useParams({ from: "/member/redemptions/$redemption_id" });
  const query = useRedemption(redemption_id);
  const titleOf = useTitleOf();
  const isGone = query.error instanceof ApiError && query.error.code === "redemption_not_found";
  return (
    <Page title={query.data ? titleOf(query.data.redemption) : t("list_title")} hasBack>
      {isGone ? (
        <Problem error={query.error} />
      ) : (
        <Loaded query={query}>
          {(answer) => (
            <>
              <Summary redemption={answer.redemption} />
              <State answer={answer} />
              {(query.isError || query.isPaused) && <AsOf moment={query.dataUpdatedAt} />}
              <Link to="/rewards/$reward_id" params={{ reward_id: answer.redemption.reward_id }}>
                {t("again")}
              </Link>
            </>
          )}
        </Loaded>
      )}
    </Page>
  );
}

function useMoment(): (moment: string) => string {
  const format = useFormatter();
  return (moment) => format.dateTime(new Date(moment), { dateStyle: "medium", timeStyle: "short" });
}

function Summary({ redemption }: { redemption: Redemption }) {
  const t = useTranslations("redemptions");
  const moment = useMoment();
  const facts = [
    redemption.partner_name,
    t("spent", { points: redemption.points_spent }),
    t("redeemed_on", { moment: moment(redemption.redeemed_at) }),
  ];
  return <p className="quiet">{facts.join(" · ")}</p>;
}

function State({ answer }: { answer: RedemptionWithCode }) {
  const now = useNow({ updateInterval: 1_000 });
  const { redemption } = answer;
  if (redemption.status === "pending") return <Waiting answer={answer} />;
  // the till goes by the clock, before the job has expired it
  const status =
    redemption.status === "active" && new Date(redemption.expires_at) <= now ? "expired" : redemption.status;
  if (status !== "active") return <Ended redemption={redemption} status={status} />;
  return <Active answer={answer} now={now} />;
}

function Active({ answer, now }: { answer: RedemptionWithCode; now: Date }) {
  const t = useTranslations("redemptions");
  const format = useFormatter();
  const moment = useMoment();
  const { redemption } = answer;
  return (
    <>
      <CodeCard answer={answer} />
      <p>
        <strong>{t("expires_in", { time: format.relativeTime(new Date(redemption.expires_at), now) })}</strong>{" "}
        <span className="quiet">({t("expires_on", { moment: moment(redemption.expires_at) })})</span>
      </p>
      <p className="quiet">{t("kept")}</p>
      <ReturnCode redemption={redemption} />
    </>
  );
}

interface EndedProps {
  readonly redemption: Redemption;
  readonly status: "used" | "expired" | "cancelled" | "failed";
}

function Ended({ redemption, status }: EndedProps) {
  const t = useTranslations("redemptions");
  const moment = useMoment();
  const { used_at, ended_at, expires_at, end_reason } = redemption;
  const at = moment((status === "expired" ? expires_at : (used_at ?? ended_at)) ?? expires_at);
  return (
    <div role="status" className="redemption-status">
      <strong>{t(`status.${status}`)}</strong>
      <p>{t(`ended.${status}`, { moment: at })}</p>
      {end_reason !== null && <p>{t(`reasons.${end_reason}`)}</p>}
    </div>
  );
}

function Waiting({ answer }: { answer: RedemptionWithCode }) {
  const t = useTranslations("redemptions");
  const query = useCode(answer);
  const { partner_name } = answer.redemption;
  if (!query.isError) {
    return (
      <div role="status" className="redemption-status">
        <p id="waiting">{t("waiting", { partner: partner_name })}</p>
        <progress aria-labelledby="waiting" />
        <p className="quiet">{t("waiting_hint")}</p>
      </div>
    );
  }
  const isStillPending = query.error instanceof ApiError && query.error.code === "redemption_pending";
  if (!isStillPending) return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <div role="status" className="redemption-status">
      <p>{t("waits_longer", { partner: partner_name })}</p>
      <Button onClick={() => void query.refetch()}>{t("look_again")}</Button>
    </div>
  );
}

function AsOf({ moment }: { moment: number }) {
  const t = useTranslations("redemptions");
  const format = useFormatter();
  return <p className="quiet">{t("as_of", { time: format.dateTime(new Date(moment), { timeStyle: "medium" }) })}</p>;
}
