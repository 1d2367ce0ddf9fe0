package engine

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// maxRefusal is how much of an answer that is none is read, in bytes.
const maxRefusal = 1 << 10

// refused makes an error of an answer that is not the one expected.
func refused(transport string, res *http.Response) *HandshakeError {
	e := &HandshakeError{Transport: transport, Status: res.StatusCode, Header: res.Header, Code: -1}
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxRefusal)) // what there is of it will do
	var said struct {
		Code    *int    `json:"code"`
		Message *string `json:"message"`
	}
	if json.Unmarshal(body, &said) == nil && said.Code != nil && said.Message != nil && *said.Code >= 0 {
		e.Code, e.Message = *said.Code, *said.Message
		return e
	}
	e.Message = strings.TrimSpace(strings.ToValidUTF8(string(body), "\ufffd"))
	return e
}
