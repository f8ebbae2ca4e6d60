import { type ReactNode, useState } from "react";
import { useTranslations } from "use-intl";
import { Field } from "../../components/field.tsx";

/** The e-mail address of a login, as `email`. */
export function EmailField({ hint, defaultValue }: { hint?: ReactNode; defaultValue?: string }) {
  const t = useTranslations("users");
  return (
    <Field label={t("email")} hint={hint}>
      {(control) => (
        <input {...control} name="email" type="email" autoComplete="email" required defaultValue={defaultValue} />
      )}
    </Field>
  );
}

interface PasswordFieldProps {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly autoComplete: "current-password" | "new-password";
}

/** A password, as `password`, which can be made readable. */
export function PasswordField({ label, hint, autoComplete }: PasswordFieldProps) {
  const t = useTranslations("users");
  const [isShown, setShown] = useState(false);
  return (
    <Field label={label} hint={hint}>
      {(control) => (
        <span className="password">
          <input
            {...control}
            name="password"
            type={isShown ? "text" : "password"}
            autoComplete={autoComplete}
            spellCheck={false}
            autoCapitalize="none"
            required
          />
          <button type="button" className="button" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
            {t("show_password")}
          </button>
        </span>
      )}
    </Field>
  );
}
