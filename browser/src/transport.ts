import type { Frame } from "./codec";
import type { EngineOptions } from "./options";

/** An error of the network, with what the browser tells about it. */
export class TransportError extends Error {
  readonly type = "TransportError";

  constructor(
    message: string,
    /** HTTP status, or the event or exception that told of the failure. */
    readonly description?: unknown,
    /** Body of the answer, if there was one. */
    readonly context?: unknown,
  ) {
    super(message);
  }
}

/**
 * A way to carry frames. The owner sets the four functions; none of them is
 * called any more after `close`.
 */
export abstract class Transport {
  abstract readonly name: "polling" | "websocket";
  /** Ready to take frames right now. */
  abstract readonly writable: boolean;
  /** More is waiting to be sent than the network takes. */
  get congested(): boolean {
    return false;
  }


  onOpen: () => void = nothing;
  onFrame: (frame: Frame) => void = nothing;
  /** Called when the frames last given to `send` are on their way. */
  onIdle: () => void = nothing;
  onEnd: (reason: string, error?: Error) => void = nothing;

  /** Makes the full address for the scheme of this transport. */
  constructor(
    protected _url: (scheme: "http" | "ws") => string,
    protected _opts: EngineOptions,
  ) {}

  abstract open(): void;
  abstract send(frames: Frame[]): void;
  /** `tell`: let the server know, when the transport does not do so by itself. */
  abstract close(tell: boolean): void;

  protected _detach(): void {
    this.onOpen = this.onFrame = this.onIdle = this.onEnd = nothing;
  }
}

export function nothing(): void {}
