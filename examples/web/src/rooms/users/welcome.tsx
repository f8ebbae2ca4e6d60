import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useConnection } from "../../app/context.ts";
import { useCommand } from "../../app/use-command.ts";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { Page } from "../../components/page.tsx";

/** The door: what this is, and signing in. */
export function Welcome() {
  const t = useTranslations("users");
  const { supabase } = useConnection();
  const navigate = useNavigate();
  const { next } = useSearch({ from: "/welcome" });
  const signIn = useCommand({
    async run(form: FormData) {
      const { error } = await supabase.auth.signInWithPassword({
        email: String(form.get("email")),
        password: String(form.get("password")),
      });
      if (error) throw error;
    },
    refreshes: [],
    onDone: () => void navigate({ href: next ?? "/", replace: true }),
  });
  return (
    <main className="screen">
      <Page title={t("welcome_title")}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            signIn.mutate(new FormData(event.currentTarget));
          }}
        >
          <Field label={t("email")}>
            {(control) => <input {...control} name="email" type="email" autoComplete="email" required />}
          </Field>
          <Field label={t("password")}>
            {(control) => (
              <input {...control} name="password" type="password" autoComplete="current-password" required />
            )}
          </Field>
          <Button type="submit" kind="primary" isPending={signIn.isPending}>
            {t("sign_in")}
          </Button>
        </form>
      </Page>
    </main>
  );
}
