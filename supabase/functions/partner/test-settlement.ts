/** An id. */
export const ID = "9b0c1d2e-0000-4000-8000-00000000000a";
/** Another id. */
export const OTHER_ID = "9b0c1d2e-0000-4000-8000-00000000000b";

/** A settlement as the database writes it, with texts that a spreadsheet would run. */
export const settlementRow = {
  month: "2026-11",
  starts_at: "2026-11-01T00:00:00+01:00",
  ends_at: "2026-12-01T00:00:00+01:00",
  is_test: false,
  is_final: true,
  partner: { id: ID, name: "Backstube" },
  lines: [
    {
      redemption_id: ID,
      reward_id: OTHER_ID,
      title_de: '=HYPERLINK("https://evil.example")',
      title_en: 'Bread, "fresh"',
      points_spent: 100,
      discount_type: "fixed_amount",
      discount_value: 4.5,
      discount_currency: "EUR",
      used_at: "2026-11-21T13:00:00.12+01:00",
      till_reference: "-7",
    },
    {
      redemption_id: OTHER_ID,
      reward_id: OTHER_ID,
      title_de: "Kaffee",
      title_en: "Coffee",
      points_spent: 30,
      discount_type: "free_item",
      discount_value: null,
      discount_currency: null,
      used_at: "2026-11-30T23:59:59.999999+01:00",
      till_reference: null,
    },
  ],
  totals: { redemptions: 2, points_spent: 130, fixed_amounts: [{ currency: "EUR", amount: 4.5 }] },
};
