// What only this client has; and that the sources have what the types promise.
import * as client from "client";
import { WebTransport } from "client/webtransport";
import type * as built from "../../src/index";

client.io({ transports: ["polling", client.WebSocket, WebTransport] });
client.io({ auth: async () => ({ token: await Promise.resolve("x") }) });
const socket = client.io({ auth: () => ({ token: "x" }) });
socket.io.close();
socket.io.nsps["/"].connect();
socket.on("connect_error", (error) => [error.data, error.context]);
socket.io.engine.on("handshake", ({ pingInterval }) => pingInterval.toFixed());

type Promised = keyof typeof client;
type Members<K extends "Manager" | "Socket"> = keyof InstanceType<(typeof client)[K]>;
// Each is an error if it is not `never`: something is promised that is not there.
type Missing =
  | Exclude<Promised, keyof typeof built>
  | Exclude<Members<"Manager">, keyof built.Manager>
  | Exclude<Members<"Socket">, keyof built.Socket>
  | Exclude<keyof client.Engine, keyof NonNullable<built.Manager["engine"]>>
  | Exclude<keyof client.Options, keyof built.Options>;
export const missing: Missing[] = [] satisfies never[];
const none = (x: never) => x;
export const check = (x: Missing) => none(x);
