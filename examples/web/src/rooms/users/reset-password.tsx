import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { authCall } from "../../app/auth-call.ts";
import { useConnection } from "../../app/context.ts";
import { useCommand } from "../../app/use-command.ts";
import { Form } from "../../components/form.tsx";
import { AuthScreen } from "./auth-screen.tsx";
import { EmailField } from "./fields.tsx";
import { LookIntoMailbox } from "./mailbox-hint.tsx";

/** Asks for the mail that leads to a new password. */
export function ResetPassword() {
  const t = useTranslations("users");
  const { supabase } = useConnection();
  const send = useCommand({
    async run(email: string) {
      await authCall(supabase.auth.resetPasswordForEmail(email, { redirectTo: `${location.origin}/new-password` }));
      return email;
    },
    refreshes: [],
    onError: () => undefined,
  });
  return (
    <AuthScreen title={t("reset.title")}>
      {send.data !== undefined ? (
        <LookIntoMailbox email={send.data} onAgain={() => send.reset()} />
      ) : (
        <Form
          className="card stack"
          submit={t("reset.send")}
          isPending={send.isPending}
          error={send.error}
          onSend={(typed) => send.mutate(typed("email"))}
        >
          <EmailField hint={t("reset.hint")} />
        </Form>
      )}
      <Link to="/welcome" className="tall-link">
        {t("sign_in")}
      </Link>
    </AuthScreen>
  );
}
