package packet

import (
	"strconv"
	"unicode/utf8"
)

// AppendHeader appends everything of a packet that stands before its JSON.
// attachments is written only for binary types, which must have at least one;
// nsp "" or "/" is left out. See [CheckNamespace] for what nsp may be.
func AppendHeader(dst []byte, t Type, attachments int, nsp string, id uint64, hasID bool) []byte {
	dst = append(dst, '0'+byte(t))
	if t.Binary() {
		dst = strconv.AppendInt(dst, int64(attachments), 10)
		dst = append(dst, '-')
	}
	if nsp != "" && nsp != "/" {
		dst = append(dst, nsp...)
		dst = append(dst, ',')
	}
	if hasID {
		dst = strconv.AppendUint(dst, id, 10)
	}
	return dst
}

// Append appends the packet h stands for: what [Parse] read, in the one form
// everybody writes.
func (h *Header) Append(dst []byte) []byte {
	dst = append(dst, '0'+byte(h.Type))
	if h.Type.Binary() {
		dst = strconv.AppendInt(dst, int64(h.Attachments), 10)
		dst = append(dst, '-')
	}
	if len(h.Namespace) > 1 {
		dst = append(dst, h.Namespace...)
		dst = append(dst, ',')
	}
	if h.HasID {
		dst = strconv.AppendUint(dst, h.ID, 10)
	}
	return append(dst, h.Payload...)
}

// AppendConnect appends a CONNECT packet. payload is the JSON object to send,
// taken as it is; empty for none.
func AppendConnect(dst []byte, nsp string, payload []byte) []byte {
	dst = AppendHeader(dst, Connect, 0, nsp, 0, false)
	return append(dst, payload...)
}

// AppendDisconnect appends a DISCONNECT packet.
func AppendDisconnect(dst []byte, nsp string) []byte {
	return AppendHeader(dst, Disconnect, 0, nsp, 0, false)
}

// AppendConnectError appends a CONNECT_ERROR packet, {"message":…,"data":…},
// without data if it is nil. The type carries no attachments: bytes in data are
// written as encoding/json writes them. The error is that of encoding data; dst
// is then returned as it was given.
func AppendConnectError(dst []byte, nsp, message string, data any) ([]byte, error) {
	return appendConnectError(dst, nsp, message, data, appendJSON)
}

// AppendConnectError is the function of that name with the Codec's JSON.
func (c *Codec) AppendConnectError(dst []byte, nsp, message string, data any) ([]byte, error) {
	return appendConnectError(dst, nsp, message, data, c.appendJSON)
}

func appendConnectError(dst []byte, nsp, message string, data any, encode func([]byte, any) ([]byte, error)) ([]byte, error) {
	start := len(dst)
	dst = AppendHeader(dst, ConnectError, 0, nsp, 0, false)
	dst = append(dst, `{"message":`...)
	dst = appendString(dst, message)
	if data != nil {
		dst = append(dst, `,"data":`...)
		var err error
		if dst, err = encode(dst, data); err != nil {
			return dst[:start], err
		}
	}
	return append(dst, '}'), nil
}

// CheckNamespace returns an error unless name can be written as a namespace: it
// begins with "/", is valid UTF-8, and holds neither a comma, which ends the
// name on the wire, nor a control character, one of which ends a record of
// long-polling.
func CheckNamespace(name string) error {
	if name == "" || name[0] != '/' {
		return refuse(ReasonNamespace, `a namespace begins with "/"`, 0)
	}
	for i, r := range name {
		switch {
		case r == ',':
			return refuse(ReasonNamespace, "a namespace holds no comma", i)
		case r < ' ' || r == 0x7f:
			return refuse(ReasonNamespace, "a namespace holds no control character", i)
		case r == utf8.RuneError && !utf8.ValidString(name):
			return refuse(ReasonNamespace, "a namespace is valid UTF-8", i)
		}
	}
	return nil
}
