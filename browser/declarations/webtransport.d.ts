import type { TransportClass } from "./index.js";

/** HTTP/3, to be listed among the `transports`. */
export declare const WebTransport: TransportClass;
