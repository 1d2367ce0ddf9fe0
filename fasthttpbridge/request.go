package fasthttpbridge

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"sync"

	"github.com/valyala/fasthttp"
)

// newRequest makes a request that shares nothing with ctx but its body.
func newRequest(ctx *fasthttp.RequestCtx) (*http.Request, *body, error) {
	uri := string(ctx.RequestURI())
	u, err := url.ParseRequestURI(uri)
	if err != nil {
		return nil, nil, err
	}
	r := &http.Request{
		Method:     string(ctx.Method()),
		URL:        u,
		Proto:      string(ctx.Request.Header.Protocol()),
		Header:     make(http.Header, ctx.Request.Header.Len()),
		Host:       string(ctx.Request.Header.Host()),
		RemoteAddr: ctx.RemoteAddr().String(),
		RequestURI: uri,
		TLS:        ctx.TLSConnectionState(),
	}
	var ok bool
	if r.ProtoMajor, r.ProtoMinor, ok = http.ParseHTTPVersion(r.Proto); !ok {
		r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	}
	for name, value := range ctx.Request.Header.All() {
		switch name := http.CanonicalHeaderKey(string(name)); name {
		case "Host": // stands in r.Host, as net/http has it
		case "Transfer-Encoding":
			r.TransferEncoding = append(r.TransferEncoding, string(value))
		default:
			r.Header[name] = append(r.Header[name], string(value))
		}
	}
	b := &body{}
	if stream := ctx.RequestBodyStream(); stream != nil {
		b.from, r.ContentLength = stream, int64(max(ctx.Request.Header.ContentLength(), -1))
	} else {
		bytesOfBody := ctx.Request.Body()
		b.from, r.ContentLength = bytes.NewReader(bytesOfBody), int64(len(bytesOfBody))
	}
	r.Body = b
	return r.WithContext(newValues(ctx)), b, nil
}

// body reads the body of a request for as long as it is there.
type body struct {
	mu   sync.Mutex // held while reading: detach must not return before
	from io.Reader  // nil: detached
}

func (b *body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.from == nil {
		return 0, http.ErrBodyReadAfterClose
	}
	return b.from.Read(p)
}

func (b *body) Close() error {
	b.detach()
	return nil
}

func (b *body) detach() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.from = nil
}

// values is a context with the user values of a request, copied because the
// context may outlive the request.
type values struct {
	context.Context
	user map[any]any // nil if there are none
}

func newValues(ctx *fasthttp.RequestCtx) values {
	v := values{Context: context.WithValue(context.Background(), http.LocalAddrContextKey, ctx.LocalAddr())}
	ctx.VisitUserValuesAll(func(key, value any) {
		if v.user == nil {
			v.user = map[any]any{}
		}
		if text, ok := key.([]byte); ok { // how fasthttp hands out string keys at times, as its own memory
			key = string(text)
		}
		v.user[key] = value
	})
	return v
}

func (v values) Value(key any) any {
	if value, ok := v.user[key]; ok {
		return value
	}
	return v.Context.Value(key)
}
