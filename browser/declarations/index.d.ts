// Types of the browser client. The events of both sides may be named once and
// are checked from then on:
//
//   interface FromServer { news: (text: string) => void }
//   interface ToServer { add: (a: number, b: number, answer: (sum: number) => void) => void }
//   const socket: Socket<FromServer, ToServer> = io();

/** Listeners by the name of their event. */
export interface EventsMap {
  [event: string]: any;
}

/** Any event, with any arguments. */
export interface DefaultEventsMap {
  [event: string]: (...args: any[]) => void;
}

type Names<M> = keyof M & string;
type Arguments<F> = F extends (...args: infer A) => any ? A : never;
type ButLast<A extends any[]> = A extends [...infer Head, any] ? Head : any[];
type First<A extends any[]> = A extends [infer V, ...any[]] ? V : any;
/** The answer's first value; with a limit of time the error before it is the promise's own affair. */
type Answer<A extends any[]> = A extends [...any[], (...answer: infer B) => any]
  ? B extends [Error, ...infer Rest]
    ? First<Rest>
    : First<B>
  : any;

/** The listener for an event: of the events that this side knows by itself, or of yours. */
type ListenerOf<Own, Yours, E> = E extends keyof Own ? Own[E] : E extends keyof Yours ? Yours[E] : never;

/** A function in an event's arguments takes an error first, once there is a limit of time. */
type WithError<A extends any[]> = {
  [I in keyof A]: A[I] extends (...answer: infer B) => infer R ? (error: Error, ...answer: B) => R : A[I];
};

/** The same events, with acknowledgements that may fail. */
export type DecorateAcknowledgements<M> = {
  [E in keyof M]: M[E] extends (...args: infer A) => infer R ? (...args: WithError<A>) => R : M[E];
};

/** Listeners by event name. */
declare class Emitter<Own, Yours = {}> {
  on<E extends Names<Own> | Names<Yours>>(event: E, listener: ListenerOf<Own, Yours, E>): this;
  once<E extends Names<Own> | Names<Yours>>(event: E, listener: ListenerOf<Own, Yours, E>): this;
  /** Without a listener all of the event go, without an event all of them. */
  off<E extends Names<Own> | Names<Yours>>(event?: E, listener?: ListenerOf<Own, Yours, E>): this;
  removeListener<E extends Names<Own> | Names<Yours>>(event?: E, listener?: ListenerOf<Own, Yours, E>): this;
  removeAllListeners<E extends Names<Own> | Names<Yours>>(event?: E): this;
  listeners<E extends Names<Own> | Names<Yours>>(event: E): ListenerOf<Own, Yours, E>[];
  hasListeners<E extends Names<Own> | Names<Yours>>(event: E): boolean;
}

/** Why there is no connection any more. */
export type DisconnectReason =
  | "io server disconnect"
  | "io client disconnect"
  | "ping timeout"
  | "transport close"
  | "transport error"
  | "parse error"
  | "forced close";

/** An error of the network, with what the browser tells about it. */
export interface TransportError extends Error {
  type: "TransportError";
  /** HTTP status, or the event or exception that told of the failure, or words. */
  description: unknown;
  /** What else there is: `{status, responseText}`, or the event that closed a WebSocket. */
  context?: unknown;
}

/** What came with the end of a connection. */
export type DisconnectDescription = Error | TransportError;

/** Why a socket could not join. */
export interface ConnectError extends Error {
  /** What the server's refusal carries. */
  data?: any;
  /** These are set on an error of the network. */
  type?: "TransportError";
  description?: unknown;
  context?: unknown;
}

/** What a namespace is given when a socket asks to join it. */
export type Auth =
  | { [key: string]: any }
  | ((done: (data: object) => void) => void)
  | (() => { [key: string]: any } | undefined | Promise<{ [key: string]: any } | undefined>);

/** Settings of one namespace. Times are in milliseconds. */
export interface SocketOptions {
  /** An object; or a function that calls back with one or returns one or a promise, run anew for each attempt. */
  auth?: Auth;
  /** Send each event until it is acknowledged, so many times more than once, one event after the other. */
  retries?: number;
  /** Default time to wait for an acknowledgement. Default no limit. */
  ackTimeout?: number;
}

/** Settings of one connection. Times are in milliseconds. */
export interface EngineOptions {
  /** Path of the endpoint on the server. Default `/socket.io`. */
  path?: string;
  /** End the path with a slash. Default true. */
  addTrailingSlash?: boolean;
  /** Parameters of the URL, beside those of the address. */
  query?: { [key: string]: any };
  /** Names or classes; the first one opens the connection. Default polling, websocket, and webtransport in the script build. */
  transports?: ("polling" | "websocket" | "webtransport" | (string & {}) | TransportClass)[];
  /** Move from polling to something better when the server offers it. Default true. */
  upgrade?: boolean;
  /** Begin with WebSocket where the last connection came to use it. Default false. */
  rememberUpgrade?: boolean;
  /** Where the first transport cannot connect, try the next one. Default false. */
  tryAllTransports?: boolean;
  /** Options for one transport only, by its name. */
  transportOptions?: { [transport: string]: any };
  /** Cookies to another origin, with polling. Default false. */
  withCredentials?: boolean;
  /** Headers of the polling requests; a WebSocket in a browser has none. */
  extraHeaders?: { [header: string]: string };
  /** WebSocket sub-protocols. */
  protocols?: string | string[];
  /** Bytes as base64 text over WebSocket, too. Default false. */
  forceBase64?: boolean;
  /** Time for one polling request. Default no limit. */
  requestTimeout?: number;
  /** Close without a "disconnect" when the page is about to go. Default false. */
  closeOnBeforeunload?: boolean;
}

/** Settings of a manager. Times are in milliseconds. */
export interface ManagerOptions extends EngineOptions {
  /** A connection of its own. Default false. */
  forceNew?: boolean;
  /** The same, the other way round. Default true. */
  multiplex?: boolean;
  /** Connect at once. Default true. */
  autoConnect?: boolean;
  /** Come back by itself, also when the first attempt fails. Default true. */
  reconnection?: boolean;
  /** Attempts before giving up. Default no limit. */
  reconnectionAttempts?: number;
  /** Mean delay before the first attempt; doubles with each further one. Default 1000. */
  reconnectionDelay?: number;
  /** Upper bound of the delay. Default 5000. */
  reconnectionDelayMax?: number;
  /** Share of the delay that is left to chance, 0 to 1. Default 0.5. */
  randomizationFactor?: number;
  /** Time for one attempt, or false for no limit. Default 20000. */
  timeout?: number | false;
  /** Encoder and Decoder to use in place of the JSON ones; the server needs the same. */
  parser?: any;
}

/** All settings, as `io` takes them. */
export type Options = ManagerOptions & SocketOptions;

/** One Engine.IO packet. */
export interface EnginePacket {
  type: "open" | "close" | "ping" | "pong" | "message" | "upgrade" | "noop";
  data?: any;
}

/** One Socket.IO packet. */
export interface Packet {
  type: number;
  nsp: string;
  data?: any;
  id?: number;
}

/** One Engine.IO packet as it travels: text, or the bytes of a message. */
export type Frame = string | Uint8Array | ArrayBuffer | Blob;

/** Events of a transport. */
export interface TransportEvents {
  open: () => void;
  frame: (frame: Frame) => void;
  /** What `send` was given is on its way. */
  idle: () => void;
  /** The last one. */
  end: (reason: string, error?: Error) => void;
}

/** A way to carry frames. It opens when it is made. */
export interface Transport {
  /** Of the prototype, so that a class can be asked for it. */
  readonly name: string;
  readonly writable: boolean;
  /** More is waiting to be sent than the network takes. */
  readonly congested?: boolean;
  on<E extends keyof TransportEvents>(event: E, listener: TransportEvents[E]): this;
  off(): this;
  send(frames: Frame[]): void;
  close(tell?: boolean): void;
  pause?(done: () => void): void;
  resume?(): void;
}

export interface TransportClass {
  new (url: (scheme: string) => string, opts: EngineOptions): Transport;
}

export declare const Fetch: TransportClass;
/** The same as `Fetch`: there is one way to poll. */
export declare const XHR: TransportClass;
export declare const WebSocket: TransportClass;

interface EngineEvents {
  open: () => void;
  handshake: (data: {
    sid: string;
    upgrades: string[];
    pingInterval: number;
    pingTimeout: number;
    maxPayload: number;
  }) => void;
  packet: (packet: EnginePacket) => void;
  packetCreate: (packet: EnginePacket) => void;
  data: (data: any) => void;
  message: (data: any) => void;
  ping: () => void;
  pong: () => void;
  heartbeat: () => void;
  flush: () => void;
  drain: () => void;
  upgrading: (transport: Transport) => void;
  upgrade: (transport: Transport) => void;
  upgradeError: (error: Error) => void;
  error: (error: Error) => void;
  close: (reason: string, description?: DisconnectDescription) => void;
}

/** One Engine.IO session. A new one is made for each attempt to connect. */
export interface Engine extends Emitter<EngineEvents> {
  /** The session's id. It is a secret: whoever has it can speak as this client. */
  id: string;
  readyState: "opening" | "open" | "closing" | "closed";
  transport: Transport;
  /** Not yet given to the transport. */
  writeBuffer: Frame[];
  readonly opts: EngineOptions;
  send(data: Frame): this;
  write(data: Frame): this;
  close(): this;
}

interface ManagerEvents {
  open: () => void;
  error: (error: Error) => void;
  close: (reason: string, description?: DisconnectDescription) => void;
  ping: () => void;
  packet: (packet: Packet) => void;
  reconnect_attempt: (attempt: number) => void;
  reconnect: (attempt: number) => void;
  reconnect_error: (error: Error) => void;
  reconnect_failed: () => void;
}

/** One connection that comes back by itself, shared by the sockets of all namespaces. */
export declare class Manager<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
> extends Emitter<ManagerEvents> {
  constructor(opts?: ManagerOptions & SocketOptions);
  constructor(uri?: string, opts?: ManagerOptions & SocketOptions);
  /** Those of reconnection may be changed at any time. */
  opts: ManagerOptions & SocketOptions;
  /** The session in use, or the last one. Without `autoConnect` there is none at first. */
  engine: Engine;
  /** Sockets by namespace. */
  readonly nsps: { [namespace: string]: Socket<ListenEvents, EmitEvents> };
  /** The socket of a namespace, made on first use. */
  socket(nsp: string, opts?: SocketOptions): Socket<ListenEvents, EmitEvents>;
  /** One attempt to connect. With `done` a failure is reported there, and final. */
  open(done?: (error?: Error) => void): this;
  connect(done?: (error?: Error) => void): this;
  /** Ends the connection, and all its sockets with it. */
  close(): void;
  disconnect(): void;
  reconnection(): boolean;
  reconnection(value: boolean): this;
  reconnectionAttempts(): number;
  reconnectionAttempts(value: number): this;
  reconnectionDelay(): number;
  reconnectionDelay(value: number): this;
  reconnectionDelayMax(): number;
  reconnectionDelayMax(value: number): this;
  randomizationFactor(): number;
  randomizationFactor(value: number): this;
  timeout(): number | false;
  timeout(value: number | false): this;
}

interface SocketEvents {
  connect: () => void;
  connect_error: (error: ConnectError) => void;
  disconnect: (reason: DisconnectReason, description?: DisconnectDescription) => void;
}

/** A client's end of one namespace. */
export declare class Socket<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
> extends Emitter<SocketEvents, ListenEvents> {
  constructor(io: Manager<any, any>, nsp: string, opts?: SocketOptions);
  readonly io: Manager<ListenEvents, EmitEvents>;
  readonly nsp: string;
  /** Given by the server, anew for each connection that was not recovered. */
  id: string | undefined;
  connected: boolean;
  get disconnected(): boolean;
  /** Connected, or about to be without anybody's help. */
  readonly active: boolean;
  /** The server has kept the session through a lost connection. */
  recovered: boolean;
  /** May be changed at any time; it is read when connecting. */
  auth?: Auth;
  /** Events to send once connected. */
  sendBuffer: Packet[];
  /** Arguments of events that came before the server's answer to the request to join. */
  receiveBuffer: any[][];

  connect(): this;
  open(): this;
  disconnect(): this;
  close(): this;

  /** Sends an event, at once or after connecting. A function in last place gets the server's answer. */
  emit<E extends Names<EmitEvents>>(event: E, ...args: Arguments<EmitEvents[E]>): this;
  /** Sends an event, and promises the server's answer. */
  emitWithAck<E extends Names<EmitEvents>>(
    event: E,
    ...args: ButLast<Arguments<EmitEvents[E]>>
  ): Promise<Answer<Arguments<EmitEvents[E]>>>;
  /** Emits an event called "message". */
  send(...args: any[]): this;
  /** For the next emit: the longest time to wait for the answer. */
  timeout(ms: number): Socket<ListenEvents, DecorateAcknowledgements<EmitEvents>>;
  /** For the next emit: drop the event if it cannot leave now. */
  get volatile(): this;
  /** Without effect; browsers leave compression to the connection. */
  compress(on: boolean): this;

  onAny(listener: (event: string, ...args: any[]) => void): this;
  prependAny(listener: (event: string, ...args: any[]) => void): this;
  offAny(listener?: (event: string, ...args: any[]) => void): this;
  listenersAny(): ((event: string, ...args: any[]) => void)[];
  onAnyOutgoing(listener: (event: string, ...args: any[]) => void): this;
  prependAnyOutgoing(listener: (event: string, ...args: any[]) => void): this;
  offAnyOutgoing(listener?: (event: string, ...args: any[]) => void): this;
  listenersAnyOutgoing(): ((event: string, ...args: any[]) => void)[];
}

export declare namespace Socket {
  export { DisconnectReason };
}

/** Revision of the Socket.IO protocol. */
export declare const protocol: 5;

/** A socket for the namespace that the path of the address names; the page's own host is the default. */
export declare function io(opts?: Options): Socket;
export declare function io(uri?: string, opts?: Options): Socket;
export { io as connect, io as default };
