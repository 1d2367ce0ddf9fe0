package load

import (
	"bytes"
	"encoding/json"
	"strconv"
	"sync"
)

// A shape is the pieces of a scenario's messages in one namespace: what is sent
// before and behind the tag, and what has to come. All are packets of Socket.IO
// without the byte that Engine.IO puts before them.
type shape struct {
	reply string // event that comes

	head   []byte // "2", for an ack followed by the id
	middle []byte // `["echo","`
	tail   []byte // the payload behind the tag, and what closes the packet

	wantHead   []byte // `2["echo","`, for an ack "3" and then the id
	wantMiddle []byte // for an ack `["`
	wantTail   []byte

	payload []byte // behind the tag
	binary  bool   // the payload goes as an attachment behind the packet
	ask     bool
}

// newShape makes the pieces. lead are arguments before the payload, in JSON with
// a comma behind each.
func newShape(ns, event, reply, lead string, size int, binary, ask bool) *shape {
	prefix := ""
	if ns != "/" {
		prefix = ns + ","
	}
	filling := make([]byte, size-tagSize)
	for i := range filling {
		filling[i] = "abcdefghijklmnopqrstuvwxyz"[i%26]
	}
	s := &shape{reply: reply, payload: filling, binary: binary, ask: ask}
	const placeholder = `{"_placeholder":true,"num":0}]`
	switch {
	case binary:
		s.head = []byte("51-" + prefix + "[" + quote(event) + "," + lead + placeholder)
		s.wantHead = []byte("51-" + prefix + "[" + quote(reply) + "," + placeholder)
		return s
	case ask:
		s.wantHead = []byte("3" + prefix)
		s.wantMiddle = []byte(`["`)
	default:
		s.wantHead = []byte("2" + prefix + "[" + quote(reply) + `,"`)
	}
	s.head = []byte("2" + prefix)
	s.middle = []byte("[" + quote(event) + "," + lead + `"`)
	s.tail = append(bytes.Clone(filling), `"]`...)
	s.wantTail = s.tail
	return s
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string always works
	return string(b)
}

// append puts a message together.
func (s *shape) append(dst []byte, owner int, seq uint32) []byte {
	if s.binary {
		dst = append(dst, make([]byte, tagSize)...)
		putTag(dst[len(dst)-tagSize:], owner, seq)
		return append(dst, s.payload...)
	}
	dst = append(dst, s.head...)
	if s.ask {
		dst = strconv.AppendUint(dst, uint64(seq), 10)
	}
	dst = append(dst, s.middle...)
	dst = append(dst, make([]byte, tagSize)...)
	putTag(dst[len(dst)-tagSize:], owner, seq)
	return append(dst, s.tail...)
}

// read takes a packet apart that is exactly what has to come.
func (s *shape) read(data []byte) (owner int, seq uint32, ok bool) {
	rest, ok := bytes.CutPrefix(data, s.wantHead)
	if !ok {
		return 0, 0, false
	}
	if s.ask {
		id, n := uint64(0), 0
		for n < len(rest) && n < 10 && rest[n] >= '0' && rest[n] <= '9' {
			id = id*10 + uint64(rest[n]-'0')
			n++
		}
		if rest, ok = bytes.CutPrefix(rest[n:], s.wantMiddle); !ok || n == 0 {
			return 0, 0, false
		}
		owner, seq, ok = readTag(rest)
		return owner, seq, ok && uint64(seq) == id && bytes.Equal(rest[tagSize:], s.wantTail)
	}
	owner, seq, ok = readTag(rest)
	return owner, seq, ok && bytes.Equal(rest[tagSize:], s.wantTail)
}

// readPayload is read for what a string or an attachment holds.
func (s *shape) readPayload(data []byte) (owner int, seq uint32, ok bool) {
	owner, seq, ok = readTag(data)
	return owner, seq, ok && bytes.Equal(data[tagSize:], s.payload)
}

// readLoosely is read for a server that writes its JSON another way. ours tells
// whether the packet is an answer to what was sent at all.
func (s *shape) readLoosely(p packet) (owner int, seq uint32, ours, ok bool) {
	var parts []json.RawMessage
	if json.Unmarshal(p.json, &parts) != nil {
		return 0, 0, true, false
	}
	if s.ask {
		if p.kind != '3' && p.kind != '6' {
			return 0, 0, false, false
		}
	} else {
		if name, is := p.event(); !is || name != s.reply {
			return 0, 0, false, false
		}
		parts = parts[1:]
	}
	var text string
	if len(parts) == 0 || json.Unmarshal(parts[0], &text) != nil {
		return 0, 0, true, false
	}
	owner, seq, ok = s.readPayload([]byte(text))
	return owner, seq, true, ok && (!s.ask || p.id == int64(seq))
}

// packet is a packet of Socket.IO taken apart.
type packet struct {
	kind        byte // a digit
	attachments int
	id          int64 // -1: none
	json        []byte
}

// parse reads what a server sends, with little patience for nonsense.
func parse(data []byte) (p packet, ok bool) {
	if len(data) == 0 || data[0] < '0' || data[0] > '6' {
		return p, false
	}
	p.kind, p.id = data[0], -1
	data = data[1:]
	if p.kind == '5' || p.kind == '6' {
		count, rest, found := bytes.Cut(data, []byte("-"))
		n, err := strconv.Atoi(string(count))
		if !found || err != nil || n < 0 {
			return p, false
		}
		p.attachments, data = n, rest
	}
	if len(data) > 0 && data[0] == '/' {
		_, data, _ = bytes.Cut(data, []byte(",")) // a client is in one namespace
	}
	n := 0
	for n < len(data) && n < 18 && data[n] >= '0' && data[n] <= '9' {
		n++
	}
	if n > 0 {
		p.id, _ = strconv.ParseInt(string(data[:n]), 10, 64)
	}
	p.json = data[n:]
	return p, true
}

// event returns the name of the event that the packet carries.
func (p packet) event() (string, bool) {
	if p.kind != '2' && p.kind != '5' {
		return "", false
	}
	d := json.NewDecoder(bytes.NewReader(p.json))
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return "", false
	}
	t, err := d.Token()
	name, is := t.(string)
	return name, err == nil && is
}

// scratch lends the memory in which a message is put together: as many as are
// being sent at this moment, not one per client.
var scratch = sync.Pool{New: func() any { b := make([]byte, 0, 1<<10); return &b }}
