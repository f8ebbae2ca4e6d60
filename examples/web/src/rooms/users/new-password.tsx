import { Link, useNavigate } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { authCall } from "../../app/auth-call.ts";
import { useConnection } from "../../app/context.ts";
import { useCommand } from "../../app/use-command.ts";
import { Form } from "../../components/form.tsx";
import { useNotices } from "../../components/notices.tsx";
import { Problem } from "../../components/states.tsx";
import { AuthScreen } from "./auth-screen.tsx";
import { PasswordField } from "./fields.tsx";

/** Where the mail of somebody who forgot the password leads; its link has signed them in. */
export function NewPassword() {
  const t = useTranslations("users");
  const { supabase, session, linkError } = useConnection();
  const navigate = useNavigate();
  const { tell } = useNotices();
  const change = useCommand({
    run: (password: string) => authCall(supabase.auth.updateUser({ password })),
    refreshes: [],
    onDone() {
      tell(t("account.password_changed"));
      void navigate({ to: "/", replace: true });
    },
    onError: () => undefined,
  });
  return (
    <AuthScreen title={t("new_password")}>
      {session === null || linkError !== null ? (
        <>
          {linkError === null ? <p>{t("reset.by_link_only")}</p> : <Problem error={linkError} />}
          <Link to="/reset-password" className="tall-link">
            {t("reset.send")}
          </Link>
        </>
      ) : (
        <Form
          className="card stack"
          submit={t("account.change_password")}
          isPending={change.isPending}
          error={change.error}
          onSend={(typed) => change.mutate(typed("password"))}
        >
          {/* tells password managers whose password it is */}
          <input type="hidden" name="username" autoComplete="username" value={session.user.email ?? ""} />
          <PasswordField label={t("new_password")} hint={t("password_hint")} autoComplete="new-password" />
        </Form>
      )}
    </AuthScreen>
  );
}
