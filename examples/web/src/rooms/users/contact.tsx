import type { Coordinates, UserContact } from "@neighbourhood-help/client";
import { MAX_ADDRESS_LENGTH, MAX_PHONE_NUMBER_LENGTH } from "@neighbourhood-help/client/contracts";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { useCommand } from "../../app/use-command.ts";
import { Field } from "../../components/field.tsx";
import { Form } from "../../components/form.tsx";
import { useNotices } from "../../components/notices.tsx";
import { Page } from "../../components/page.tsx";
import { Loaded } from "../../components/states.tsx";
import { ContactReveals } from "./contact-reveals.tsx";
import { HomeField } from "./home-field.tsx";
import { PhoneSharingField } from "./phone-sharing.tsx";
import { contactQuery } from "./queries.ts";
import "./users.css";

/** Phone number, address and home: who may see them, and who saw them. */
export function ContactSettings() {
  const t = useTranslations("users");
  const contact = useQuery(contactQuery(useClient()));
  return (
    <Page title={t("contact.title")} hasBack>
      <p>{t("contact.lead")}</p>
      <Loaded query={contact}>{(shown) => <ContactForm contact={shown} />}</Loaded>
      <PhoneSharingField />
      <ContactReveals />
    </Page>
  );
}

function homeOf({ latitude, longitude }: UserContact): Coordinates | null {
  return latitude === null || longitude === null ? null : { latitude, longitude };
}

function ContactForm({ contact }: { contact: UserContact }) {
  const t = useTranslations("users");
  const app = useTranslations("app");
  const { users } = useClient();
  const { tell } = useNotices();
  const [home, setHome] = useState(homeOf(contact));
  const save = useCommand({
    run: (texts: { phone_number: string; address: string }) =>
      users.updateContact({ ...texts, ...(home ?? { remove_home: true }) }),
    refreshes: [["users", "contact"], ["recommendations"]],
    onDone: () => tell(app("saved")),
    onError: () => undefined,
  });
  return (
    <Form
      submit={app("save")}
      isPending={save.isPending}
      error={save.error}
      onSend={(typed) => save.mutate({ phone_number: typed("phone_number"), address: typed("address") })}
    >
      <Field label={t("contact.phone")} isOptional>
        {(control) => (
          <input
            {...control}
            name="phone_number"
            type="tel"
            autoComplete="tel"
            maxLength={MAX_PHONE_NUMBER_LENGTH}
            defaultValue={contact.phone_number ?? ""}
          />
        )}
      </Field>
      <Field label={t("contact.address")} hint={t("contact.address_hint")} isOptional>
        {(control) => (
          <textarea
            {...control}
            name="address"
            rows={2}
            autoComplete="street-address"
            maxLength={MAX_ADDRESS_LENGTH}
            defaultValue={contact.address ?? ""}
          />
        )}
      </Field>
      <HomeField value={home} onChange={setHome} />
    </Form>
  );
}
