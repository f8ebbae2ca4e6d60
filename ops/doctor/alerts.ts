import type { Ask } from "./patient.ts";

/** A row of ops.alerts. */
export interface Alert {
  readonly alert: string;
  readonly level: "ok" | "warn" | "critical";
  /** Null: it could not be judged, and the detail says why. */
  readonly value: number | null;
  /** From where on it warns; null: never. */
  readonly warn_at: number | null;
  readonly detail: string | null;
}

/** What monitoring says now: its thresholds are settings, and the doctor has no others for the same figure. */
export async function readAlerts(ask: Ask): Promise<readonly Alert[]> {
  return ask<Alert>(
    "select alert, level, value::float8 as value, warn_at::float8 as warn_at, detail from ops.alerts order by alert",
  );
}

/** How bad one figure is. */
export function levelOf(alerts: readonly Alert[], name: string): Alert["level"] {
  return alerts.find(({ alert }) => alert === name)?.level ?? "ok";
}
