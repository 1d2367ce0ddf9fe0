import type { ManagerOptions } from "./options";

/**
 * Milliseconds to wait before an attempt, counted from 0: doubled each time,
 * capped, and only then spread. Spreading last matters: after an outage every
 * client sits at the cap, and one exact value there would bring them all back
 * in the same instant. The spread never goes above the cap, so
 * `reconnectionDelayMax` is what it says.
 */
export function backoff(
  attempt: number,
  { reconnectionDelay, reconnectionDelayMax: max, randomizationFactor }: Required<ManagerOptions>,
): number {
  const mean = Math.min(reconnectionDelay * 2 ** attempt, max);
  const spread = mean * randomizationFactor;
  const low = mean - spread;
  return low + Math.random() * (Math.min(mean + spread, max) - low);
}
