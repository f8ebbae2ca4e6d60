import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useClient, useConnection } from "../../app/context.ts";
import { signOut } from "../../app/session.ts";
import { useCommand } from "../../app/use-command.ts";
import { Button } from "../../components/button.tsx";
import { LinkList, ListLink } from "../../components/link-list.tsx";
import { Page } from "../../components/page.tsx";
import { Loaded } from "../../components/states.tsx";
import { Ban } from "./ban.tsx";
import { MessageChoices } from "./message-choices.tsx";
import { settingsQuery } from "./queries.ts";
import { SettingsForm } from "./settings-form.tsx";
import "./users.css";

/** What a member chose about themselves, and the ways to all other settings. */
export function Settings() {
  const t = useTranslations("users");
  const settings = useQuery(settingsQuery(useClient()));
  return (
    <Page title={t("settings.title")} hasBack>
      <Ban />
      <LinkList label={t("settings.more")}>
        <ListLink to="/profile/edit">{t("profile.edit_title")}</ListLink>
        <ListLink to="/settings/contact">{t("contact.title")}</ListLink>
        <ListLink to="/settings/notifications">{t("settings.notifications")}</ListLink>
        <ListLink to="/settings/account">{t("account.title")}</ListLink>
        <ListLink to="/settings/blocked">{t("blocked.title")}</ListLink>
        <ListLink to="/settings/lapses">{t("lapses.title")}</ListLink>
      </LinkList>
      <Loaded query={settings}>{(shown) => <SettingsForm settings={shown} />}</Loaded>
      <MessageChoices />
      <SignOutButton />
    </Page>
  );
}

function SignOutButton() {
  const t = useTranslations("users");
  const connection = useConnection();
  const navigate = useNavigate();
  const leave = useCommand({
    run: () => signOut(connection),
    refreshes: [],
    onDone: () => void navigate({ to: "/welcome", replace: true }),
  });
  return (
    <Button isPending={leave.isPending} onClick={() => leave.mutate(undefined)}>
      {t("sign_out")}
    </Button>
  );
}
