import type { Frame } from "./codec";
import { Emitter } from "./emitter";

/** An error of the network, with what the browser tells about it. */
export interface TransportError extends Error {
  type: "TransportError";
  /** HTTP status, or the event or exception that told of the failure. */
  description: unknown;
  /** Body of the answer, if there was one. */
  context?: string;
}

export function transportError(message: string, description: unknown, context?: string): TransportError {
  return Object.assign(new Error(message), { type: "TransportError" as const, description, context });
}

/**
 * A way to carry frames. It opens when it is made.
 *
 * Events: open, frame (with the frame), idle (what `_send` was given is on its
 * way), end (with reason and error; the last one).
 */
export interface Transport extends Emitter {
  readonly name: "polling" | "websocket";
  /** Ready to take frames right now. */
  readonly writable: boolean;
  /** More is waiting to be sent than the network takes. */
  readonly _congested?: boolean;

  _send(frames: Frame[]): void;
  /**
   * Ends it, without any further event. With `tell` the server is told first,
   * where the transport does not do so by itself.
   */
  _close(tell?: boolean): void;
}
