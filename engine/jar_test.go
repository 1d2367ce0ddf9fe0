package engine_test

import (
	"net/http"
	"net/url"
)

// jar remembers the last value of each cookie and sends none.
type jar map[string]string

func (j jar) SetCookies(_ *url.URL, cookies []*http.Cookie) {
	for _, c := range cookies {
		j[c.Name] = c.Value
	}
}

func (jar) Cookies(*url.URL) []*http.Cookie { return nil }
