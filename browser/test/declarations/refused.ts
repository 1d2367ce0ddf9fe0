// What is wrong, and has to be said to be.
import { io, Manager, Socket } from "client";

interface FromServer {
  news: (text: string, n: number) => void;
}
interface ToServer {
  hello: (name: string) => void;
  add: (a: number, b: number, answer: (sum: number) => void) => void;
}
const socket: Socket<FromServer, ToServer> = io();

// @ts-expect-error: no such event comes
socket.on("olds", () => {});
// @ts-expect-error: the arguments are others
socket.on("news", (n: number) => n);
// @ts-expect-error: a listener takes no more than there is
socket.on("news", (text, n, third) => third);
// @ts-expect-error: no such event is sent
socket.emit("news", "x", 1);
// @ts-expect-error: not a string
socket.emit("hello", 1);
// @ts-expect-error: too few
socket.emit("add", 1, (sum) => sum);
// @ts-expect-error: too many
socket.emit("hello", "a", "b");
// @ts-expect-error: the answer is a number
socket.emit("add", 1, 2, (sum: string) => sum);
// @ts-expect-error: with a time limit an error comes first
socket.timeout(1).emit("add", 1, 2, (sum: number) => sum);
// @ts-expect-error: the promise is of a number
const wrong: Promise<string> = socket.emitWithAck("add", 1, 2);
// @ts-expect-error: the acknowledgement is not an argument of it
socket.emitWithAck("add", 1, 2, () => {});
// @ts-expect-error: it can only be read
socket.disconnected = true;
// @ts-expect-error: no such option
io({ reconect: true });
// @ts-expect-error: a number
io({ reconnectionDelay: "1s" });
// @ts-expect-error: no such event
new Manager().on("reconnecting", () => {});
// @ts-expect-error: it comes with a number
new Manager().on("reconnect", (s: string) => s);
// @ts-expect-error: no such event
socket.io.engine.on("packets", () => {});
// @ts-expect-error: no such reason
socket.on("disconnect", (reason) => reason === "transport closed");
export { wrong };
