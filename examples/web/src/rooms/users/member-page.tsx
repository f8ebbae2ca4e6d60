import { ApiError, type Profile } from "@neighbourhood-help/client";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useClient, useSignedIn } from "../../app/context.ts";
import { Page } from "../../components/page.tsx";
import { Empty, Loaded } from "../../components/states.tsx";
import { BlockButton } from "./block-button.tsx";
import { Figures } from "./figures.tsx";
import { MemberHead } from "./member-head.tsx";
import { memberQuery } from "./queries.ts";
import { RatingsAbout } from "./ratings-about.tsx";
import { Trust } from "./trust.tsx";
import "./users.css";

/** A member, as others see them. */
export function MemberPage() {
  const t = useTranslations("users");
  const client = useClient();
  const { user_id } = useParams({ from: "/member/members/$user_id" });
  const member = useQuery(memberQuery(client, user_id));
  if (member.error instanceof ApiError && member.error.code === "user_not_found") return <Gone />;
  return (
    <Loaded query={member}>
      {(user) =>
        user.is_active ? (
          <Page title={user.name} hasBack>
            <MemberScreen user={user} />
          </Page>
        ) : (
          <Gone text={t("member.deleted")} />
        )
      }
    </Loaded>
  );
}

function MemberScreen({ user }: { user: Profile }) {
  const t = useTranslations("users");
  const me = useSignedIn();
  return (
    <>
      <MemberHead user={user} />
      <Trust user={user} />
      <Figures userId={user.id} />
      <RatingsAbout userId={user.id} />
      {user.id === me.id ? <p className="quiet">{t("member.you")}</p> : <BlockButton user={user} />}
    </>
  );
}

function Gone({ text }: { text?: string }) {
  const t = useTranslations("users");
  return (
    <Page title={t("member.gone_title")} hasBack>
      <Empty>{text ?? t("member.gone")}</Empty>
    </Page>
  );
}
