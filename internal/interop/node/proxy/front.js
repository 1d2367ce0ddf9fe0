// The proxy under test and what stands behind it.
import { readdirSync } from "node:fs";
import { modes } from "../harness/clients.js";

export const proxy = process.env.PROXY;
export const front = {
  origin: process.env.FRONT,
  ws: process.env.FRONT.replace(/^http/, "ws"),
};
export const backs = process.env.BACKS.split(" ");
export const pids = process.env.PIDS.split(" ").map(Number);

// ways are the modes of a client; one that keeps cookies, where they are what
// makes it stay with one server.
export const ways = Object.fromEntries(
  Object.entries(modes).map(([mode, options]) => [mode, { ...options, withCredentials: true }]));

// clients resolves with how many clients each server has, over all its mounts.
export function clients() {
  return Promise.all(backs.map(async (origin) => {
    const stats = await (await fetch(`${origin}/stats`)).json();
    return Object.values(stats).reduce((sum, mount) => sum + mount.clients, 0);
  }));
}

// descriptors counts the open files and sockets of both servers.
export function descriptors() {
  return pids.reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/fd`).length, 0);
}
