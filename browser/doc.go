// Package browser holds the project's own Socket.IO client for browsers and
// serves it over HTTP.
//
// The client is written in TypeScript, in the folder src, and committed in
// built form in the folder dist; a program that imports this package carries
// these files in its binary and needs nothing of the JavaScript world.
//
//	http.Handle("/client/", http.StripPrefix("/client", browser.Handler()))
//
// makes a page that asks for /client/socket.io.min.js find it there.
package browser

//go:generate go run -C build .
