package main

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-socketio/socketio"
)

// maxMade bounds what "make" makes, in bytes: a test server needs no more.
const maxMade = 16 << 20

// addIdentity registers the events that tell who the client is and what it sent.
func addIdentity(ns *socketio.Namespace) {
	call(ns, "whoami", 0, func(_ context.Context, s *socketio.Socket, _ *socketio.Event) []any {
		return []any{map[string]any{
			"id":        s.ID(),
			"nsp":       s.Namespace().Name(),
			"rooms":     s.Rooms(),
			"data":      recordOf(s).snapshot(),
			"recovered": s.Recovered(),
			"transport": s.Session().Transport(),
			"protocol":  s.Session().Protocol(),
		}}
	})
	call(ns, "handshake", 0, func(_ context.Context, s *socketio.Socket, _ *socketio.Event) []any {
		h := s.Handshake()
		return []any{map[string]any{
			"headers": headers(h.Headers),
			"query":   query(h.Query),
			"auth":    authPayload(h),
			"url":     h.URL,
			"secure":  h.Secure,
			"xdomain": h.CrossDomain,
			"issued":  h.Time.UnixMilli(),
		}}
	})
	call(ns, "inspect", 1, func(_ context.Context, _ *socketio.Socket, e *socketio.Event) []any {
		var v any
		if e.Arg(0, &v) != nil {
			return nil
		}
		return []any{describe(v)}
	})
	call(ns, "make", 2, func(_ context.Context, _ *socketio.Socket, e *socketio.Event) []any {
		kind, named := arg[string](e, 0)
		size, sized := countArg(e, 1)
		if !named || !sized || size > maxMade {
			return nil
		}
		switch kind {
		case "bytes":
			return []any{pattern(size)}
		case "text":
			return []any{strings.Repeat("x", size)}
		case "nested":
			list := []any{pattern(size), map[string]any{"deep": pattern(size)}}
			return []any{map[string]any{"list": list, "size": size}}
		}
		return nil
	})
	call(ns, "set-data", 1, func(_ context.Context, s *socketio.Socket, e *socketio.Event) []any {
		data, ok := arg[map[string]any](e, 0)
		if !ok {
			return nil
		}
		recordOf(s).merge(data)
		return done()
	})
}

// authPayload is what the client sent, an empty object if it sent nothing.
func authPayload(h *socketio.Handshake) any {
	if h.Auth == nil {
		return map[string]any{}
	}
	return h.Auth
}

func headers(h http.Header) map[string]string {
	flat := map[string]string{}
	for name, values := range h {
		flat[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return flat
}

// query has a text for a parameter given once and a list for others.
func query(q url.Values) map[string]any {
	flat := map[string]any{}
	for name, values := range q {
		if len(values) == 1 {
			flat[name] = values[0]
		} else {
			flat[name] = values
		}
	}
	return flat
}

// describe tells bytes, or the type as JavaScript names it.
func describe(v any) map[string]any {
	kind := "object"
	switch v := v.(type) {
	case []byte:
		sum := 0
		for _, b := range v {
			sum += int(b)
		}
		return map[string]any{"binary": true, "length": len(v), "sum": sum % 65521}
	case nil:
		kind = "null"
	case []any:
		kind = "array"
	case string:
		kind = "string"
	case float64, int64, uint64: // integers of the MessagePack parser keep their kind
		kind = "number"
	case bool:
		kind = "boolean"
	}
	return map[string]any{"binary": false, "type": kind}
}

// pattern returns size bytes of which each is its place modulo 251.
func pattern(size int) []byte {
	cycle := make([]byte, 251)
	for i := range cycle {
		cycle[i] = byte(i)
	}
	return bytes.Repeat(cycle, size/len(cycle)+1)[:size]
}
