package eio

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// Handshake is what the open packet tells the client.
type Handshake struct {
	// SID is the session's id, a secret of server and client.
	SID string
	// Upgrades are the transports the client may change to.
	Upgrades []string
	// PingInterval and PingTimeout are whole milliseconds on the wire; less is
	// cut off.
	PingInterval, PingTimeout time.Duration
	// MaxPayload is the most bytes one polling body may have; 0 for no bound.
	MaxPayload int
}

// ErrHandshake is wrapped by every error of [ParseHandshake].
var ErrHandshake = errors.New("eio: bad handshake")

// AppendHandshake appends the JSON of an open packet, without the packet type.
func AppendHandshake(dst []byte, h Handshake) []byte {
	dst = append(dst, `{"sid":`...)
	dst = appendQuoted(dst, h.SID)
	dst = append(dst, `,"upgrades":[`...)
	for i, u := range h.Upgrades {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendQuoted(dst, u)
	}
	dst = append(dst, `],"pingInterval":`...)
	dst = strconv.AppendInt(dst, h.PingInterval.Milliseconds(), 10)
	dst = append(dst, `,"pingTimeout":`...)
	dst = strconv.AppendInt(dst, h.PingTimeout.Milliseconds(), 10)
	dst = append(dst, `,"maxPayload":`...)
	dst = strconv.AppendInt(dst, int64(h.MaxPayload), 10)
	return append(dst, '}')
}

// appendQuoted appends s as JSON. Ids and transport names are plain words, so
// the slow way is for names that an application made up.
func appendQuoted(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(s) // a string always has a JSON form
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

// ParseHandshake reads the JSON of an open packet. It wants a session id and
// two positive times; unknown fields are ignored, and a missing maxPayload,
// which older servers do not send, is 0. The error wraps [ErrHandshake].
func ParseHandshake(data []byte) (Handshake, error) {
	var wire struct {
		SID          string   `json:"sid"`
		Upgrades     []string `json:"upgrades"`
		PingInterval int64    `json:"pingInterval"`
		PingTimeout  int64    `json:"pingTimeout"`
		MaxPayload   int      `json:"maxPayload"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return Handshake{}, fmt.Errorf("%w: %v", ErrHandshake, err)
	}
	// What a Duration holds; beyond it a multiplication would turn negative.
	const most = math.MaxInt64 / int64(time.Millisecond)
	switch {
	case wire.SID == "":
		return Handshake{}, fmt.Errorf("%w: no sid", ErrHandshake)
	case wire.PingInterval <= 0 || wire.PingInterval > most:
		return Handshake{}, fmt.Errorf("%w: pingInterval is %d ms", ErrHandshake, wire.PingInterval)
	case wire.PingTimeout <= 0 || wire.PingTimeout > most:
		return Handshake{}, fmt.Errorf("%w: pingTimeout is %d ms", ErrHandshake, wire.PingTimeout)
	case wire.MaxPayload < 0:
		return Handshake{}, fmt.Errorf("%w: maxPayload is %d", ErrHandshake, wire.MaxPayload)
	}
	return Handshake{
		SID:          wire.SID,
		Upgrades:     wire.Upgrades,
		PingInterval: time.Duration(wire.PingInterval) * time.Millisecond,
		PingTimeout:  time.Duration(wire.PingTimeout) * time.Millisecond,
		MaxPayload:   wire.MaxPayload,
	}, nil
}
