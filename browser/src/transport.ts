import type { Frame } from "./codec";
import type { Emitter } from "./emitter";
import type { EngineOptions } from "./options";

/** An error of the network, with what the browser tells about it. */
export interface TransportError extends Error {
  type: "TransportError";
  /** HTTP status, or the event or exception that told of the failure, or words. */
  description: unknown;
  /** What else there is: the answer, or the event that closed a WebSocket. */
  context?: unknown;
}

export function transportError(message: string, description: unknown, context?: unknown): TransportError {
  return Object.assign(new Error(message), { type: "TransportError" as const, description, context });
}

/**
 * A way to carry frames. It opens when it is made. The names are those of the
 * API, and not shortened: a transport may come from a file of its own.
 *
 * Events: open, frame (with the frame), idle (what `send` was given is on its
 * way), end (with reason and error; the last one).
 */
export interface Transport extends Pick<Emitter, "on" | "off"> {
  /** Of the prototype, so that a class can be asked for it. */
  readonly name: string;
  /** Ready to take frames right now. */
  readonly writable: boolean;
  /** More is waiting to be sent than the network takes. */
  readonly congested?: boolean;

  send(frames: Frame[]): void;
  /**
   * Ends it, without any further event. With `tell` the server is told first,
   * where the transport does not do so by itself.
   */
  close(tell?: boolean): void;
  /** Starts nothing more, and calls back once nothing is under way. */
  pause?(done: () => void): void;
  /** Takes a pause back. */
  resume?(): void;
}

/**
 * `url` gives the address for a scheme, as it is at the time of the call: it
 * gets the session's id later.
 */
export type TransportClass = new (url: (scheme: string) => string, opts: EngineOptions) => Transport;
