package engine

import (
	"net/url"
	"strings"
)

// params are the query parameters of a request, in their order. A map, as
// url.ParseQuery makes, is a tenth of what a polling request allocates.
type params []param

type param struct{ key, value string }

// usualParams is as many as clients send: EIO, transport, sid, t, b64, j, and
// two of the application's.
const usualParams = 8

// appendParams reads a query as url.ParseQuery does: pairs that are badly escaped or
// hold a semicolon are left out.
func appendParams(list params, query string) params {
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		if pair == "" || strings.Contains(pair, ";") {
			continue
		}
		var p param
		p.key, p.value, _ = strings.Cut(pair, "=")
		if strings.ContainsAny(pair, "%+") {
			var bad, worse error
			p.key, bad = url.QueryUnescape(p.key)
			p.value, worse = url.QueryUnescape(p.value)
			if bad != nil || worse != nil {
				continue
			}
		}
		list = append(list, p)
	}
	return list
}

// first returns the first value of a parameter, empty if there is none.
func (list params) first(key string) string {
	for _, p := range list {
		if p.key == key {
			return p.value
		}
	}
	return ""
}

func (list params) count(key string) (n int) {
	for _, p := range list {
		if p.key == key {
			n++
		}
	}
	return n
}

// single returns a parameter that may stand there once at most. A repeated one
// has no agreed meaning: the first for one program, the last for the proxy
// before it.
func (list params) single(key string) (string, bool) {
	if list.count(key) > 1 {
		return "", false
	}
	return list.first(key), true
}
