export type Listener = (...args: any[]) => void;

/**
 * Calls foreign code. Whatever it throws is reported as an uncaught error and
 * goes no further: a broken listener must not tear down the connection, nor
 * keep the next listener from being called.
 */
export function callOut(fn: Listener, self: unknown, args: unknown[]): void {
  try {
    fn.apply(self, args);
  } catch (e) {
    queueMicrotask(() => {
      throw e;
    });
  }
}

/**
 * Listeners by event name. The lists are replaced, never changed in place, so
 * a listener may add and remove listeners while an event is being delivered.
 */
export class Emitter {
  /** The same as `off`. */
  declare removeListener: (event?: string, fn?: Listener) => this;
  /** The same as `off`. */
  declare removeAllListeners: (event?: string) => this;

  private _lists = new Map<string, Listener[]>();

  on(event: string, fn: Listener): this {
    this._lists.set(event, [...this.listeners(event), fn]);
    return this;
  }

  once(event: string, fn: Listener): this {
    const wrapped: Listener & { fn?: Listener } = (...args) => {
      this.off(event, wrapped);
      fn.apply(this, args);
    };
    wrapped.fn = fn;
    return this.on(event, wrapped);
  }

  /** Without `fn` every listener of the event goes, without `event` all of them. */
  off(event?: string, fn?: Listener): this {
    const rest = fn && without(this.listeners(event!), fn);
    if (event === undefined) {
      this._lists.clear();
    } else if (rest?.[0]) {
      this._lists.set(event, rest);
    } else {
      // Names may be made up for one answer each: none is kept for nothing.
      this._lists.delete(event);
    }
    return this;
  }

  listeners(event: string): Listener[] {
    return this._lists.get(event) || [];
  }

  hasListeners(event: string): boolean {
    return !!this.listeners(event)[0];
  }

  /** Delivers an event to the local listeners. */
  emit(event: string, ...args: unknown[]): this {
    return this._fire(event, ...args);
  }

  /** The same, where `emit` means something else. */
  _fire(event: string, ...args: unknown[]): this {
    for (const fn of this.listeners(event)) callOut(fn, this, args);
    return this;
  }
}

const { prototype } = Emitter;
prototype.removeListener = prototype.removeAllListeners = prototype.off;

/** A copy of the list that lacks the first entry for `fn`. */
export function without(list: Listener[], fn: Listener): Listener[] {
  const at = list.findIndex((f: Listener & { fn?: Listener }) => f === fn || f.fn === fn);
  return list.filter((_, i) => i !== at);
}
