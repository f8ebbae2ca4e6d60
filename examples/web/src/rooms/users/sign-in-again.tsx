import { useTranslations } from "use-intl";
import { authCall } from "../../app/auth-call.ts";
import { useConnection } from "../../app/context.ts";
import { useCommand } from "../../app/use-command.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Form } from "../../components/form.tsx";
import { EmailField, PasswordField } from "./fields.tsx";

/** Asks to sign in again above the screen, which keeps what somebody was writing. */
export function SignInAgain({ onLeave }: { onLeave: () => void }) {
  const t = useTranslations("users");
  const { supabase, session } = useConnection();
  const signIn = useCommand({
    run: (input: { email: string; password: string }) => authCall(supabase.auth.signInWithPassword(input)),
    refreshes: [],
    onError: () => undefined,
  });
  return (
    <Dialog title={t("again.title")} isOpen onClose={onLeave}>
      <p>{t("again.text")}</p>
      <Form
        submit={t("sign_in")}
        isPending={signIn.isPending}
        error={signIn.error}
        onSend={(typed) => signIn.mutate({ email: typed("email"), password: typed("password") })}
        actions={<Button onClick={onLeave}>{t("again.leave")}</Button>}
      >
        <EmailField defaultValue={session?.user.email ?? ""} />
        <PasswordField label={t("password")} autoComplete="current-password" />
      </Form>
    </Dialog>
  );
}
