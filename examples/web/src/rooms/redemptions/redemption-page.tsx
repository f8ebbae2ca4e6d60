export function RedemptionPage() {
  return null;
}
