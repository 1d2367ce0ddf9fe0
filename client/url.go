package client

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// splitURL takes the namespace off a URL: its path.
func splitURL(raw string) (server, namespace string, err error) {
	u, err := url.Parse(raw)
	if err != nil {
		return raw, "/", badURL(err)
	}
	namespace = u.Path
	if namespace == "" {
		namespace = "/"
	}
	u.Path, u.RawPath = "", ""
	return u.String(), namespace, nil
}

// checkURL says what is wrong with the URL of a server.
func checkURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return badURL(err)
	}
	switch u.Scheme {
	case "http", "https", "ws", "wss":
	default:
		return fmt.Errorf("client: the URL %q has the scheme %q, want http, https, ws or wss", u.Redacted(), u.Scheme)
	}
	if u.Host == "" {
		return fmt.Errorf("client: the URL %q names no host", u.Redacted())
	}
	if strings.Trim(u.Path, "/") != "" {
		return fmt.Errorf("client: the URL of a Manager has no path, not %q: for a namespace use New or Manager.Socket, for the path of HTTP Config.Path", u.Path)
	}
	return nil
}

// badURL says what is wrong without the URL itself, which may hold a password.
func badURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	return fmt.Errorf("client: the URL cannot be read: %w", err)
}
