// Package fasthttpbridge serves a net/http handler from fasthttp, and so from
// Fiber: requests, answers that are sent piece by piece, and connections that
// the handler takes over for a WebSocket.
//
//	app.All("/socket.io/*", fasthttpbridge.Handler(srv))             // Fiber 3
//	fasthttp.ListenAndServe("127.0.0.1:3000", fasthttpbridge.Handler(srv))
//
// What a handler may do there that it may not do with the adaptor that comes
// with fasthttp: keep strings of the request after it has returned, learn that
// its client has gone, and take over the connection itself, with whatever the
// client has sent already, instead of a wrapper around it that holds fasthttp's
// buffers for as long as the WebSocket lives.
package fasthttpbridge

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"

	"github.com/valyala/fasthttp"
)

// Handler makes a fasthttp handler of h. It may be used for any number of
// requests at a time.
//
// Each request runs h on a goroutine of its own, so that h can go on when
// fasthttp's handler has to return: while its answer is streamed, and after
// [http.Hijacker]. Of [http.ResponseController] the methods Flush, Hijack and
// SetWriteDeadline work; SetReadDeadline is not supported, for fasthttp has
// read the body before, under its own ReadTimeout.
//
// The headers that fasthttp middleware has set are those that h finds in its
// ResponseWriter; thus they are in the answer to a WebSocket handshake too. User
// values, which are what Fiber calls locals, are the values of the request's
// context under their keys.
//
// The request's context ends with the request. On Unix systems it also ends
// when the client of a request without a body goes away, unless the connection
// is TLS or fasthttp counts connections by address (MaxConnsPerIP).
//
// A panic of h is logged with its stack and goes on in fasthttp's goroutine, where a
// recovering middleware finds it; fasthttp has none of its own, so without one
// the program ends. [http.ErrAbortHandler] cuts the connection.
func Handler(h http.Handler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) { serve(h, ctx) }
}

// turn is what fasthttp's goroutine has to do next for the handler.
type turn int

const (
	turnDone   turn = iota // the handler returned: send what it wrote
	turnStream             // the handler flushed: send as it writes
	turnHijack             // the handler wants the connection
	turnAbort              // the handler gave up: cut the connection
	turnPanic              // the handler panicked
)

func serve(h http.Handler, ctx *fasthttp.RequestCtx) {
	r, body, err := newRequest(ctx)
	if err != nil {
		ctx.Error("400 Bad Request: "+err.Error(), http.StatusBadRequest)
		return
	}
	c, cancel := context.WithCancel(r.Context())
	r = r.WithContext(c)
	w := newResponse(ctx, cancel)
	if len(ctx.Request.Header.Peek("Upgrade")) == 0 && r.ContentLength == 0 {
		w.peer = newPeer(ctx.Conn())
	}
	go w.run(h, r)
	if w.peer.awaitEnd() {
		cancel()
	}
	next := <-w.next
	w.peer.release()
	body.detach() // the bytes are fasthttp's again once this function returns
	switch next {
	case turnDone:
		w.fill(ctx)
		ctx.Response.SetBodyRaw(w.body)
	case turnStream:
		w.stream(ctx)
	case turnHijack:
		ctx.HijackSetNoResponse(true)
		ctx.Hijack(w.handOver)
	case turnAbort:
		ctx.HijackSetNoResponse(true)
		ctx.Hijack(func(c net.Conn) { _ = c.Close() }) // fasthttp closes it anyway, unless it was told to keep such connections
	case turnPanic:
		panic(w.panicked)
	}
}

// run runs the handler. It ends with the handler, for which serve waits unless
// the handler has streamed or taken over the connection.
func (w *response) run(h http.Handler, r *http.Request) {
	defer w.cancel()
	defer func() {
		if v := recover(); v != nil {
			w.failed(v)
		}
	}()
	h.ServeHTTP(w, r)
	w.finish()
}

// failed ends a response whose handler panicked with v.
func (w *response) failed(v any) {
	aborted := v == http.ErrAbortHandler
	if !aborted {
		w.logger.Printf("panic in a net/http handler: %v\n%s", v, debug.Stack())
	}
	switch {
	case w.pipe != nil:
		_ = w.pipe.CloseWithError(fmt.Errorf("fasthttpbridge: the handler panicked: %v", v)) // never fails
	case w.hijacked:
		// The connection is the handler's, or nobody's.
	case aborted:
		w.hand(turnAbort)
	default:
		w.panicked = v
		w.hand(turnPanic)
	}
}
