import { Link, useSearch } from "@tanstack/react-router";
import { useId, useState } from "react";
import { useTranslations } from "use-intl";
import { authCall } from "../../app/auth-call.ts";
import { useConnection } from "../../app/context.ts";
import { useCommand } from "../../app/use-command.ts";
import { Button } from "../../components/button.tsx";
import { Form } from "../../components/form.tsx";
import { Problem } from "../../components/states.tsx";
import { useLanguage } from "../../texts/language.tsx";
import { AuthScreen } from "./auth-screen.tsx";
import { deviceSettings } from "./device-settings.ts";
import { EmailField } from "./fields.tsx";
import { LookIntoMailbox } from "./mailbox-hint.tsx";
import { PasswordForm } from "./password-form.tsx";

/** The door: what this is, and signing in. Whoever is signed in is led on by the route. */
export function Welcome() {
  const t = useTranslations("users");
  const { linkError } = useConnection();
  const [way, setWay] = useState<"password" | "link">("password");
  const id = useId();
  return (
    <AuthScreen title={t("welcome.title")}>
      <p className="door-lead">{t("welcome.lead")}</p>
      <ul className="door-points">
        <li>{t("welcome.ask")}</li>
        <li>{t("welcome.help")}</li>
        <li>{t("welcome.points")}</li>
      </ul>
      {linkError && <Problem error={linkError} />}
      <section className="card stack" aria-labelledby={id}>
        <h2 id={id}>{t("sign_in")}</h2>
        {way === "password" ? (
          <PasswordSignIn onOther={() => setWay("link")} />
        ) : (
          <LinkSignIn onOther={() => setWay("password")} />
        )}
      </section>
      <p>
        {t("welcome.new")}{" "}
        <Link to="/sign-up" className="tall-link">
          {t("sign_up.title")}
        </Link>
      </p>
    </AuthScreen>
  );
}

function PasswordSignIn({ onOther }: { onOther: () => void }) {
  const t = useTranslations("users");
  return (
    <>
      <PasswordForm actions={<Button onClick={onOther}>{t("welcome.by_link")}</Button>} />
      <Link to="/reset-password" className="tall-link">
        {t("reset.forgotten")}
      </Link>
    </>
  );
}

function LinkSignIn({ onOther }: { onOther: () => void }) {
  const t = useTranslations("users");
  const { supabase } = useConnection();
  const { language } = useLanguage();
  const { next } = useSearch({ from: "/welcome" });
  const send = useCommand({
    async run(email: string) {
      const emailRedirectTo = new URL(next ?? "/", location.origin).href;
      await authCall(
        supabase.auth.signInWithOtp({ email, options: { data: deviceSettings(language), emailRedirectTo } }),
      );
      return email;
    },
    refreshes: [],
    onError: () => undefined,
  });
  if (send.data !== undefined) return <LookIntoMailbox email={send.data} onAgain={() => send.reset()} />;
  return (
    <Form
      submit={t("welcome.send_link")}
      isPending={send.isPending}
      error={send.error}
      onSend={(typed) => send.mutate(typed("email"))}
      actions={<Button onClick={onOther}>{t("welcome.by_password")}</Button>}
    >
      <EmailField hint={t("welcome.link_hint")} />
    </Form>
  );
}
