// Package load puts load on a Socket.IO server and tells how it took it: sio
// load without its command line.
//
// A run opens its clients, lets the scenario say something with them, and takes
// the difference of two states of its counters: those at the end of the warm-up
// and those at the end. Nothing is switched on or off on the way of a message.
//
// The clients are connections of package client/engine. What they send is put
// together from pieces made beforehand, and what comes is compared with what
// has to come byte by byte; only a message that differs is taken apart. So a
// message costs little more than its frame.
package load
