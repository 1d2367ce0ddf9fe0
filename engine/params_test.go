package engine

import (
	"net/url"
	"slices"
	"testing"
)

// Whatever the query, the parameters are those that net/url sees.
func FuzzParams(f *testing.F) {
	for _, q := range []string{
		"", "&", "=", "&&a", "a=b", "EIO=4&transport=polling&t=x&sid=abc", "sid=a&sid=b", "a=%41%2", "%61=b&c=d+e",
		"a;b=c&d=e", "a=b;c&sid=x", "a=b=c", "%zz=1&b=2", "=x&=y", "a&b", "+=+",
	} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, query string) {
		want, _ := url.ParseQuery(query)
		list := appendParams(nil, query)
		got := url.Values{}
		for _, p := range list {
			got.Add(p.key, p.value)
		}
		if len(got) != len(want) {
			t.Fatalf("%q: %v, net/url has %v", query, got, want)
		}
		for key, values := range want {
			if !slices.Equal(got[key], values) || list.count(key) != len(values) || list.first(key) != values[0] {
				t.Errorf("%q: %q is %q, net/url has %q", query, key, got[key], values)
			}
			if v, ok := list.single(key); ok != (len(values) == 1) || ok && v != values[0] {
				t.Errorf("%q: single %q is %q, %v", query, key, v, ok)
			}
		}
	})
}
