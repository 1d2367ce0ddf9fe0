// Entry of the script build: everything hangs on the one global, `io`.
import { io, Manager, Socket, protocol } from "./index";

(globalThis as any).io = Object.assign(io, { io, connect: io, Manager, Socket, protocol });
