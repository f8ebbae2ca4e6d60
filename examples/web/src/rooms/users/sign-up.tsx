import { MAX_NAME_LENGTH } from "@neighbourhood-help/client/contracts";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { authCall } from "../../app/auth-call.ts";
import { useConnection } from "../../app/context.ts";
import { useCommand } from "../../app/use-command.ts";
import { Field } from "../../components/field.tsx";
import { Form } from "../../components/form.tsx";
import { useLanguage } from "../../texts/language.tsx";
import { AuthScreen } from "./auth-screen.tsx";
import { deviceSettings } from "./device-settings.ts";
import { EmailField, PasswordField } from "./fields.tsx";
import { LookIntoMailbox } from "./mailbox-hint.tsx";

/** A new login. Where the project confirms addresses, a mail leads on; else the route does. */
export function SignUp() {
  const t = useTranslations("users");
  const { supabase } = useConnection();
  const { language } = useLanguage();
  const [mailedTo, setMailedTo] = useState<string>();
  const signUp = useCommand({
    run: ({ name, ...login }: { name: string; email: string; password: string }) =>
      authCall(
        supabase.auth.signUp({
          ...login,
          options: { data: { name, ...deviceSettings(language) }, emailRedirectTo: `${location.origin}/first-steps` },
        }),
      ),
    refreshes: [],
    onDone: ({ session }, { email }) => setMailedTo(session === null ? email : undefined),
    onError: () => undefined,
  });
  return (
    <AuthScreen title={t("sign_up.title")}>
      {mailedTo !== undefined ? (
        <LookIntoMailbox email={mailedTo} onAgain={() => setMailedTo(undefined)} />
      ) : (
        <Form
          className="card stack"
          submit={t("sign_up.title")}
          isPending={signUp.isPending}
          error={signUp.error}
          onSend={(typed) => signUp.mutate({ name: typed("name"), email: typed("email"), password: typed("password") })}
        >
          <Field label={t("name")} hint={t("name_hint")}>
            {(control) => <input {...control} name="name" autoComplete="name" maxLength={MAX_NAME_LENGTH} required />}
          </Field>
          <EmailField />
          <PasswordField label={t("password")} hint={t("password_hint")} autoComplete="new-password" />
        </Form>
      )}
      <p>
        {t("sign_up.known")}{" "}
        <Link to="/welcome" className="tall-link">
          {t("sign_in")}
        </Link>
      </p>
    </AuthScreen>
  );
}
