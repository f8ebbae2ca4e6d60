export function RewardsPage() {
  return null;
}
