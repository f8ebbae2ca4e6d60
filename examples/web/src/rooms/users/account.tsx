import { useTranslations } from "use-intl";
import { authCall } from "../../app/auth-call.ts";
import { useConnection, useSignedIn } from "../../app/context.ts";
import { useCommand } from "../../app/use-command.ts";
import { Button } from "../../components/button.tsx";
import { Form } from "../../components/form.tsx";
import { useNotices } from "../../components/notices.tsx";
import { Page } from "../../components/page.tsx";
import { EmailField, PasswordField } from "./fields.tsx";
import { LookIntoMailbox } from "./mailbox-hint.tsx";
import "./users.css";

/** The login: e-mail address, password, other devices. */
export function AccountSettings() {
  const t = useTranslations("users");
  return (
    <Page title={t("account.title")} hasBack>
      <ChangeEmail />
      <ChangePassword />
      <OtherDevices />
    </Page>
  );
}

function ChangeEmail() {
  const t = useTranslations("users");
  const { supabase } = useConnection();
  const { email } = useSignedIn();
  const change = useCommand({
    async run(address: string) {
      const emailRedirectTo = `${location.origin}/settings/account`;
      await authCall(supabase.auth.updateUser({ email: address }, { emailRedirectTo }));
      return address;
    },
    refreshes: [],
    onError: () => undefined,
  });
  return (
    <section className="card stack">
      <h2>{t("email")}</h2>
      <p>{t("account.email_is", { email: email ?? "" })}</p>
      {change.data !== undefined ? (
        <LookIntoMailbox email={change.data} onAgain={() => change.reset()} />
      ) : (
        <Form
          submit={t("account.change_email")}
          isPending={change.isPending}
          error={change.error}
          onSend={(typed) => change.mutate(typed("email"))}
        >
          <EmailField hint={t("account.email_hint")} />
        </Form>
      )}
    </section>
  );
}

function ChangePassword() {
  const t = useTranslations("users");
  const { supabase } = useConnection();
  const { email } = useSignedIn();
  const { tell } = useNotices();
  const change = useCommand({
    run: (password: string) => authCall(supabase.auth.updateUser({ password })),
    refreshes: [],
    onDone: () => tell(t("account.password_changed")),
    onError: () => undefined,
  });
  return (
    <section className="card stack">
      <h2>{t("password")}</h2>
      <Form
        // empty again once it was changed
        key={change.submittedAt && change.isSuccess ? change.submittedAt : 0}
        submit={t("account.change_password")}
        isPending={change.isPending}
        error={change.error}
        onSend={(typed) => change.mutate(typed("password"))}
      >
        <input type="hidden" name="username" autoComplete="username" value={email ?? ""} />
        <PasswordField label={t("new_password")} hint={t("password_hint")} autoComplete="new-password" />
      </Form>
    </section>
  );
}

function OtherDevices() {
  const t = useTranslations("users");
  const { supabase } = useConnection();
  const { tell } = useNotices();
  const end = useCommand({
    async run() {
      const { error } = await supabase.auth.signOut({ scope: "others" });
      if (error !== null) throw error;
    },
    refreshes: [],
    onDone: () => tell(t("account.others_done")),
  });
  return (
    <section className="card stack">
      <h2>{t("account.others_title")}</h2>
      <p>{t("account.others_text")}</p>
      <Button isPending={end.isPending} onClick={() => end.mutate(undefined)}>
        {t("account.others")}
      </Button>
    </section>
  );
}
