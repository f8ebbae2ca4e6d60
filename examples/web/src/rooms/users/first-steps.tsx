import type { Coordinates } from "@neighbourhood-help/client";
import { MAX_NAME_LENGTH } from "@neighbourhood-help/client/contracts";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { useCommand } from "../../app/use-command.ts";
import { Field } from "../../components/field.tsx";
import { Form } from "../../components/form.tsx";
import { Page } from "../../components/page.tsx";
import { Loaded } from "../../components/states.tsx";
import { Switch } from "../../components/switch.tsx";
import { AvatarField } from "./avatar-field.tsx";
import { HomeField } from "./home-field.tsx";
import { meQuery } from "./queries.ts";

/** What is good to know of a new member; all of it can wait. Language and time zone are those of the device. */
export function FirstSteps() {
  const t = useTranslations("users");
  const client = useClient();
  const me = useQuery(meQuery(client));
  return (
    <Loaded query={me}>
      {({ name, avatar_path }) => (
        <Page title={t("first_steps.title")}>
          <p>{t("first_steps.lead")}</p>
          <AvatarField user={{ name, avatar_path }} />
          <FirstStepsForm name={name} />
        </Page>
      )}
    </Loaded>
  );
}

function FirstStepsForm({ name }: { name: string }) {
  const t = useTranslations("users");
  const { users } = useClient();
  const navigate = useNavigate();
  const [home, setHome] = useState<Coordinates | null>(null);
  const [isOpenToSuggestions, setOpenToSuggestions] = useState(false);
  const save = useCommand({
    async run(newName: string) {
      if (newName !== name) await users.updateProfile({ name: newName });
      if (home !== null) await users.updateContact(home);
      if (isOpenToSuggestions) await users.updateSettings({ is_open_to_suggestions: true });
    },
    refreshes: [["users"]],
    onDone: () => void navigate({ to: "/" }),
    onError: () => undefined,
  });
  return (
    <Form
      submit={t("first_steps.done")}
      isPending={save.isPending}
      error={save.error}
      onSend={(typed) => save.mutate(typed("name"))}
      actions={
        <Link to="/" className="button">
          {t("first_steps.later")}
        </Link>
      }
    >
      <Field label={t("name")} hint={t("name_hint")}>
        {(control) => (
          <input
            {...control}
            name="name"
            autoComplete="name"
            maxLength={MAX_NAME_LENGTH}
            required
            defaultValue={name}
          />
        )}
      </Field>
      <HomeField value={home} onChange={setHome} />
      <Switch
        label={t("settings.suggestions")}
        hint={t("settings.suggestions_hint")}
        isOn={isOpenToSuggestions}
        onChange={setOpenToSuggestions}
      />
    </Form>
  );
}
