/** The month it is by the clock of a community that has not chosen one, such as `2026-11`. */
export const communityMonth = (): string =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Berlin", year: "numeric", month: "2-digit" }).format();
