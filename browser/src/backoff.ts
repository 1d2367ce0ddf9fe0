/**
 * Delays between attempts: doubled each time, capped, and only then spread.
 * Spreading last matters: after an outage every client sits at the cap, and
 * one exact value there would bring them all back in the same instant. The
 * spread never goes above the cap, so `max` is what it says.
 */
export class Backoff {
  attempts = 0;

  constructor(
    private _min: number,
    private _max: number,
    private _spread: number,
  ) {}

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    const mean = Math.min(this._min * 2 ** this.attempts++, this._max);
    const low = mean * (1 - this._spread);
    const high = Math.min(mean * (1 + this._spread), this._max);
    return low + Math.random() * (high - low);
  }

  reset(): void {
    this.attempts = 0;
  }
}
