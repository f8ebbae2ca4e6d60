import { levelOf } from "../alerts.ts";
import { type Finding, type Findings, ill, orFine, type Repair } from "../finding.ts";
import type { DatabaseSubject } from "../subject.ts";
import { words } from "./queries.ts";

/** A row of ops.outbox_backlog. */
export interface QueueFacts {
  readonly queue: string;
  readonly due: number;
  readonly waits_seconds: number;
  readonly dead_lately: number;
}

/** A partner's endpoint that is switched off. */
export interface EndpointFacts {
  readonly id: string;
  readonly partner: string;
  readonly disabled_reason: string | null;
}

const FUNCTION_OF: Readonly<Record<string, string>> = {
  webhooks: "deliver-webhooks",
  partner_codes: "sweep-redemptions",
};

export const outbox: DatabaseSubject = {
  name: "outbox",
  about: "messages that wait, and those that were given up",
  async ask({ ask, alerts }) {
    const queues = await ask<QueueFacts>(
      "select queue, due, waits_seconds::float8 as waits_seconds, dead_lately from ops.outbox_backlog order by queue",
    );
    const waits = levelOf(await alerts(), "outbox_waits") !== "ok";
    const [rights] = await ask<{ may: boolean }>(
      "select has_table_privilege('ops.webhook_endpoints_health', 'select') and has_table_privilege('private.webhook_endpoints', 'select') as may",
    );
    const disabled = rights?.may
      ? await ask<EndpointFacts>(
          "select id::text, partner, disabled_reason from ops.webhook_endpoints_health where not is_enabled order by partner",
        )
      : [];
    return judgeOutbox(queues, waits, disabled);
  },
};

/** Whether what is to leave leaves. */
export function judgeOutbox(
  queues: readonly QueueFacts[],
  waits: boolean,
  disabled: readonly EndpointFacts[],
): Findings {
  const slow = waits ? queues.filter(({ waits_seconds }) => waits_seconds > 60) : [];
  const findings: Finding[] = [
    ...slow.map(({ queue, due, waits_seconds }) =>
      ill(
        "outbox_waits",
        `${queue}: ${due} are due, the oldest for ${words(waits_seconds)}`,
        `does anybody call function ${FUNCTION_OF[queue] ?? "send-notifications"}? npm run jobs, or docs/operations/functions.md#schedule`,
      ),
    ),
    ...queues
      .filter(({ dead_lately }) => dead_lately > 0)
      .map(({ queue, dead_lately }) => {
        const repair = retry(queue);
        return ill(
          "dead_letters",
          `${queue}: ${dead_lately} were given up in the last days`,
          `mend the cause, then npm run sql -- "${repair.title}"`,
          repair,
        );
      }),
    ...disabled.map(({ id, partner, disabled_reason }) =>
      ill(
        "endpoint_disabled",
        `the webhook endpoint of ${partner} is off: ${disabled_reason ?? "switched off by hand"}`,
        `when the partner has mended it: npm run sql -- "select ops.enable_webhook_endpoint('${id}')"`,
      ),
    ),
  ];
  return orFine(findings, "nothing waits for long, nothing was given up lately");
}

function retry(queue: string): Repair {
  const call = queue === "webhooks" ? "ops.retry_webhook_messages()" : `ops.retry_notification_deliveries('${queue}')`;
  return {
    title: `select ${call}`,
    async run(patient) {
      const [row] = await patient.act<{ count: number }>(`select ${call} as count`);
      return `${row?.count ?? 0} are sent once more; the others are too old, or their endpoint is off`;
    },
  };
}
