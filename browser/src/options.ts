import type { ParserFactory } from "./packet";
import type { TransportClass } from "./transport";

export type AuthData = Record<string, unknown>;

/**
 * What a namespace is given when a socket asks to join it: an object, a
 * function that hands one to its callback, or a function that returns one,
 * at once or as a promise. Functions run anew for every attempt.
 */
export type Auth =
  | AuthData
  | ((done: (data?: AuthData) => void) => void)
  | (() => AuthData | undefined | Promise<AuthData | undefined>);

/** Settings of one connection. All times are in milliseconds. */
export interface EngineOptions {
  /** Path of the endpoint on the server. Default `/socket.io`. */
  path?: string;
  /** End the path with a slash. Default true. */
  addTrailingSlash?: boolean;
  /** Extra parameters of the URL, beside those of the address. */
  query?: Record<string, any>;
  /**
   * Transports to use, by name or class; the first one opens the connection.
   * Names that are not in the build are left out. Default polling, websocket,
   * webtransport.
   */
  transports?: (string | TransportClass)[];
  /** Move from polling to something better when the server offers it. Default true. */
  upgrade?: boolean;
  /** Begin with WebSocket where the last connection came to use it. Default false. */
  rememberUpgrade?: boolean;
  /** Where the first transport cannot connect, try the next one. Default false. */
  tryAllTransports?: boolean;
  /** Options for one transport only, by its name. */
  transportOptions?: Record<string, any>;
  /** Bytes as base64 text over WebSocket, too. Default false. */
  forceBase64?: boolean;
  /** Time for one polling request. It has to be longer than the server's heartbeat. Default no limit. */
  requestTimeout?: number;
  /** Close without a "disconnect" when the page is about to go. Default false. */
  closeOnBeforeunload?: boolean;
  /** Send cookies and credentials to another origin too (polling). Default false. */
  withCredentials?: boolean;
  /** Headers of the polling requests; a WebSocket in a browser cannot carry any. */
  extraHeaders?: Record<string, string>;
  /** WebSocket sub-protocols. */
  protocols?: string | string[];
}

/** Settings of a manager; those of its sockets are their defaults. */
export interface ManagerOptions extends EngineOptions {
  /** Connect at once. Default true. */
  autoConnect?: boolean;
  /** Try again when the connection is lost or cannot be made. Default true. */
  reconnection?: boolean;
  /** Attempts before giving up. Default no limit. */
  reconnectionAttempts?: number;
  /** Mean delay before the first attempt; doubles with each further one. Default 1000. */
  reconnectionDelay?: number;
  /** Upper bound of the delay. Default 5000. */
  reconnectionDelayMax?: number;
  /** Share of the delay that is left to chance, 0 to 1. Default 0.5. */
  randomizationFactor?: number;
  /** Time for one attempt to open the connection, or false for no limit. Default 20000. */
  timeout?: number | false;
  /** Encoder and Decoder to use in place of the JSON ones; the server needs the same. */
  parser?: ParserFactory;
  /** Given to the sockets of this manager that bring none of their own. */
  auth?: Auth;
  /** Default time to wait for an acknowledgement. Unset: no limit. */
  ackTimeout?: number;
  /**
   * Send each event until it is acknowledged, so many times more than once,
   * one event after the other. With a number, `ackTimeout` should be set.
   */
  retries?: number;
}

export interface SocketOptions {
  auth?: Auth;
  ackTimeout?: number;
  retries?: number;
}

export interface Options extends ManagerOptions {
  /** Do not share the connection with other sockets of this host. Default false. */
  forceNew?: boolean;
  /** The same, the other way round. Default true. */
  multiplex?: boolean;
}
