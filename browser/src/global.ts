// Entry of the script build: everything hangs on the one global, `io`.
import { transports } from "./engine";
import { io, Manager, Socket, protocol } from "./index";
import { WebTransport } from "./webtransport";

transports.webtransport = WebTransport;

(globalThis as any).io = Object.assign(io, { io, connect: io, Manager, Socket, protocol });
