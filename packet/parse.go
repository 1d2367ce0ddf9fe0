package packet

import "math"

// Type is the kind of a packet: the digit it begins with, as a number.
type Type byte

// The packet types of protocol 5. There are no others.
const (
	Connect Type = iota
	Disconnect
	Event
	Ack
	ConnectError
	BinaryEvent
	BinaryAck
)

// String returns the protocol's name of the type.
func (t Type) String() string {
	switch t {
	case Connect:
		return "CONNECT"
	case Disconnect:
		return "DISCONNECT"
	case Event:
		return "EVENT"
	case Ack:
		return "ACK"
	case ConnectError:
		return "CONNECT_ERROR"
	case BinaryEvent:
		return "BINARY_EVENT"
	case BinaryAck:
		return "BINARY_ACK"
	}
	return "UNKNOWN"
}

// Binary reports whether attachments follow a packet of this type.
func (t Type) Binary() bool { return t == BinaryEvent || t == BinaryAck }

// Limits bounds what [Parse] accepts. A field below 1 takes its default.
type Limits struct {
	// MaxAttachments is the most attachments one packet may announce; 10, as in
	// the reference parser.
	MaxAttachments int
	// MaxNamespace is the longest namespace name in bytes; 512.
	MaxNamespace int
	// MaxDepth is how deep JSON may nest, the array around the arguments
	// included; 10000, which is also what encoding/json decodes.
	MaxDepth int
}

// defaultNamespace is the default of Limits.MaxNamespace.
const defaultNamespace = 512

// maxIDDigits is the length of the largest uint64.
const maxIDDigits = 20

// Header is one parsed text packet. All slices alias the text given to [Parse],
// but for a Name written with escapes.
type Header struct {
	Type Type
	// HasID tells a packet with ack id 0 from one without an id.
	HasID bool
	// Namespace is nil for the main one, "/". A query string is part of the
	// name.
	Namespace []byte
	// ID is the ack id.
	ID uint64
	// Attachments is how many binary messages follow; 0 unless Type.Binary().
	Attachments int
	// Payload is the JSON of the packet, checked, white space around it
	// removed; nil for none.
	Payload []byte
	// Name is the name of an event without its quotes. A number, which the
	// protocol allows as a name, keeps its digits.
	Name []byte
	// Args are an event's arguments after the name, or all those of an ack.
	Args Args
}

// Binary reports whether attachments follow.
func (h *Header) Binary() bool { return h.Attachments > 0 }

func refuse(reason, detail string, offset int) error {
	return &Error{Reason: reason, Detail: detail, Offset: offset}
}

// Parse reads one text packet: <type>[<n>-][<namespace>,][<ack id>][<JSON>].
//
// It is strict. The payload is checked against the whole JSON grammar and
// against the shape its type demands: an object for CONNECT (or none), nothing
// for DISCONNECT, a string or an object for CONNECT_ERROR (or none), an array
// that begins with a name for events, an array for acks. Bytes behind the JSON,
// reserved event names ([IsReserved]), counts such as "1e0-" or "0-", ids
// beyond 64 bits, and ids on packets that have none are refused with an
// [*Error]. In a binary packet each placeholder must name an announced
// attachment by a plain number.
//
// Packets of both directions are accepted; that a client may not send
// CONNECT_ERROR is for the server to say. The text should be valid UTF-8, which
// the layers below have checked; Parse neither relies on it nor checks it
// again.
//
// Events without binary data, with at most 64 levels of nesting and no escapes
// in the name, cost no allocation.
func Parse(src []byte, lim Limits) (Header, error) {
	var h Header
	if len(src) == 0 {
		return h, refuse(ReasonType, "the packet is empty", 0)
	}
	if src[0] < '0' || src[0] > '6' {
		return h, refuse(ReasonType, "want a digit from 0 to 6", 0)
	}
	h.Type = Type(src[0] - '0')
	i := 1
	var err error
	if h.Type.Binary() {
		if h.Attachments, i, err = parseAttachments(src, i, lim.MaxAttachments); err != nil {
			return Header{}, err
		}
	}
	if i < len(src) && src[i] == '/' {
		if h.Namespace, i, err = parseNamespace(src, i, lim.MaxNamespace); err != nil {
			return Header{}, err
		}
	}
	if i < len(src) && src[i]-'0' <= 9 {
		switch h.Type {
		case Event, Ack, BinaryEvent, BinaryAck:
		default:
			return Header{}, refuse(ReasonID, "this type of packet has no ack id", i)
		}
		if h.ID, i, err = parseID(src, i); err != nil {
			return Header{}, err
		}
		h.HasID = true
	}

	depth := lim.MaxDepth
	if depth < 1 {
		depth = maxDepth
	}
	switch h.Type {
	case Event, BinaryEvent, Ack, BinaryAck:
		err = parseArray(&h, src, i, depth)
	default:
		err = parseSingle(&h, src, i, depth)
	}
	if err == nil && h.Attachments > 0 {
		err = checkPlaceholders(&h, len(src)-len(h.Payload))
	}
	if err != nil {
		return Header{}, err
	}
	return h, nil
}

func parseAttachments(src []byte, i, limit int) (n, next int, err error) {
	if limit < 1 {
		limit = 10
	}
	start := i
	i = skipDigits(src, i)
	if i == start || i >= len(src) || src[i] != '-' {
		return 0, i, refuse(ReasonAttachments, "want a count of attachments and '-'", i)
	}
	if src[start] == '0' {
		return 0, i, refuse(ReasonAttachments, "a binary packet has at least one attachment", start)
	}
	if i-start > 9 { // more than an int holds on small machines, whatever the limit
		return 0, i, refuse(ReasonTooMany, "", start)
	}
	for _, c := range src[start:i] {
		if n = n*10 + int(c-'0'); n > limit {
			return 0, i, refuse(ReasonTooMany, "", start)
		}
	}
	return n, i + 1, nil
}

// parseNamespace reads a name up to a comma; at the packet's end the comma may
// be left out.
func parseNamespace(src []byte, i, limit int) (nsp []byte, next int, err error) {
	if limit < 1 {
		limit = defaultNamespace
	}
	start := i
	for i < len(src) && src[i] != ',' {
		if i-start >= limit {
			return nil, i, refuse(ReasonNamespace, "the name is too long", i)
		}
		i++
	}
	if i-start > 1 {
		nsp = src[start:i:i]
	}
	if i < len(src) {
		i++
	}
	return nsp, i, nil
}

func parseID(src []byte, i int) (id uint64, next int, err error) {
	start := i
	for i < len(src) && src[i]-'0' <= 9 {
		d := uint64(src[i] - '0')
		if i-start >= maxIDDigits || id > (math.MaxUint64-d)/10 {
			return 0, i, refuse(ReasonID, "the id does not fit into 64 bits", start)
		}
		id = id*10 + d
		i++
	}
	return id, i, nil
}

// parseSingle reads the payload of the types that carry one value or none.
func parseSingle(h *Header, src []byte, i, depth int) error {
	if i >= len(src) {
		return nil
	}
	if h.Type == Disconnect {
		return refuse(ReasonPayload, "DISCONNECT has no payload", i)
	}
	i = skipSpace(src, i)
	if i >= len(src) {
		return refuse(ReasonPayload, truncated.String(), i)
	}
	if src[i] != '{' && (h.Type == Connect || src[i] != '"') {
		return refuse(ReasonPayload, "want an object", i)
	}
	end, failed := scanValue(src, i, depth)
	if failed != sound {
		return refuse(ReasonPayload, failed.String(), end)
	}
	h.Payload = src[i:end:end]
	if end = skipSpace(src, end); end < len(src) {
		return refuse(ReasonPayload, "bytes behind the JSON", end)
	}
	return nil
}

// parseArray reads the payload of events and acks and notes where the name and
// the arguments lie.
func parseArray(h *Header, src []byte, i, depth int) error {
	i = skipSpace(src, i)
	if i >= len(src) {
		return refuse(ReasonPayload, "the packet has no payload", i)
	}
	if src[i] != '[' {
		return refuse(ReasonPayload, "want an array", i)
	}
	start := i
	i = skipSpace(src, i+1)
	first := i // of the arguments
	var failed fault
	n := 0
	if h.Type == Event || h.Type == BinaryEvent {
		var err error
		if i, err = parseName(h, src, i); err != nil {
			return err
		}
		i = skipSpace(src, i)
		if i < len(src) && src[i] == ',' {
			i = skipSpace(src, i+1)
			first = i
		} else {
			first = -1
		}
	} else if i < len(src) && src[i] == ']' {
		first = -1
	}
	last := first // end of the last argument
	if first >= 0 {
		for {
			if i, failed = scanValue(src, i, depth-1); failed != sound {
				return refuse(ReasonPayload, failed.String(), i)
			}
			n++
			last = i
			i = skipSpace(src, i)
			if i >= len(src) || src[i] != ',' {
				break
			}
			i = skipSpace(src, i+1)
		}
		h.Args = Args{raw: src[first:last:last], n: n}
	}
	if i >= len(src) {
		return refuse(ReasonPayload, truncated.String(), i)
	}
	if src[i] != ']' {
		return refuse(ReasonPayload, unexpected.String(), i)
	}
	i++
	h.Payload = src[start:i:i]
	if i = skipSpace(src, i); i < len(src) {
		return refuse(ReasonPayload, "bytes behind the JSON", i)
	}
	return nil
}

// parseName reads the head of an event's array.
func parseName(h *Header, src []byte, i int) (next int, err error) {
	if i >= len(src) {
		return i, refuse(ReasonPayload, truncated.String(), i)
	}
	var failed fault
	start := i
	switch c := src[i]; {
	case c == '"':
		if i, failed = scanString(src, i+1); failed != sound {
			return i, refuse(ReasonPayload, failed.String(), i)
		}
		h.Name = unquote(src[start+1 : i-1 : i-1])
		if IsReserved(string(h.Name)) {
			return i, refuse(ReasonPayload, "the event name is reserved", start)
		}
	case c == '-' || c-'0' <= 9:
		if i, failed = scanNumber(src, i); failed != sound {
			return i, refuse(ReasonPayload, failed.String(), i)
		}
		h.Name = src[start:i:i]
	default:
		return i, refuse(ReasonPayload, "want an event name, a string or a number", i)
	}
	return i, nil
}

// IsReserved reports whether the protocol keeps an event name for itself: such
// an event may be neither sent nor received.
func IsReserved(event string) bool {
	switch event {
	case "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener":
		return true
	}
	return false
}
