import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { authCall } from "../../app/auth-call.ts";
import { useConnection } from "../../app/context.ts";
import { useCommand } from "../../app/use-command.ts";
import { Form } from "../../components/form.tsx";
import { EmailField, PasswordField } from "./fields.tsx";

/** Signs in with a password, or says below the fields why not. */
export function PasswordForm({ email, actions }: { email?: string; actions: ReactNode }) {
  const t = useTranslations("users");
  const { supabase } = useConnection();
  const signIn = useCommand({
    run: (input: { email: string; password: string }) => authCall(supabase.auth.signInWithPassword(input)),
    refreshes: [],
    onError: () => undefined,
  });
  return (
    <Form
      submit={t("sign_in")}
      isPending={signIn.isPending}
      error={signIn.error}
      onSend={(typed) => signIn.mutate({ email: typed("email"), password: typed("password") })}
      actions={actions}
    >
      <EmailField defaultValue={email ?? ""} />
      <PasswordField label={t("password")} autoComplete="current-password" />
    </Form>
  );
}
