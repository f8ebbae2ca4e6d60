export function RewardPage() {
  return null;
}
