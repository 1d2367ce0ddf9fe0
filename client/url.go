package client

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// splitURL takes the namespace off a URL: its path.
func splitURL(raw string) (server, namespace string, err error) {
	u, err := parseURL(raw)
	if err != nil {
		return raw, "/", err
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
	u, err := parseURL(raw)
	if err == nil && strings.Trim(u.Path, "/") != "" {
		err = fmt.Errorf("client: the URL of a Manager has no path, not %q: for a namespace use New or Manager.Socket, for the path of HTTP Config.Path", u.Path)
	}
	return err
}

func parseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, badURL(raw, err)
	}
	switch u.Scheme {
	case "http", "https", "ws", "wss":
	default:
		return nil, fmt.Errorf("client: the scheme of the URL is %q, which is none of http, https, ws, wss; %s", u.Scheme, instead(raw))
	}
	if u.Hostname() == "" {
		return nil, fmt.Errorf("client: the URL %q names no host; %s", u.Redacted(), instead(raw))
	}
	return u, nil
}

// badURL says what is wrong without the URL itself, which may hold a password.
func badURL(raw string, err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	return fmt.Errorf("client: the URL cannot be read: %w; %s", err, instead(raw))
}

// instead says what to write: the same with a scheme, if that makes it an address.
func instead(raw string) string {
	if u, err := url.Parse("http://" + raw); err == nil && !strings.Contains(raw, "//") && !strings.HasSuffix(u.Host, ":") && u.Hostname() != "" {
		return "was " + u.Redacted() + " meant?"
	}
	return "it looks like https://host:port"
}
