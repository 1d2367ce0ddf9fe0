package socketio

import (
	"context"
	"encoding/json"
	"regexp"
)

// A parent namespace admits clients to namespaces that nobody has named
// beforehand: one per tenant, document or game. It is a Namespace without
// sockets of its own. What is registered with it holds for all its children,
// and what is broadcast through it reaches the sockets of every child.

// OfPattern returns a parent namespace for all names that match the pattern. A
// client that asks for such a name, or [Server.Of], makes the child. Names
// that have a namespace of their own already keep it, and of several parents the first that
// was registered takes a name. Anchor the pattern (^…$), or it matches parts of names.
func (srv *Server) OfPattern(pattern *regexp.Regexp) *Namespace {
	return srv.addParent(pattern.String(), func(_ context.Context, name string, _ json.RawMessage) bool {
		return pattern.MatchString(name)
	})
}

// OfFunc is OfPattern with a function that decides. auth is the auth payload of
// the client that asks, nil if it sent none or if it is [Server.Of] that asks.
// allow is asked as long as there is no namespace of that name: it says what is made, not
// who may enter what another client has made, which is for [Namespace.Use] to say.
// allow may take its time: only that client waits. ctx ends with the client's connection.
func (srv *Server) OfFunc(allow func(ctx context.Context, name string, auth json.RawMessage) bool) *Namespace {
	return srv.addParent("function", allow)
}

// parent is what makes a Namespace one.
type parent struct {
	allow    func(context.Context, string, json.RawMessage) bool
	children map[string]*Namespace // guarded by Server.mu
}

func (srv *Server) addParent(name string, allow func(context.Context, string, json.RawMessage) bool) *Namespace {
	ns := newNamespace(srv, "("+name+")")
	ns.parent = &parent{allow: allow, children: map[string]*Namespace{}}
	srv.mu.Lock()
	srv.parents = append(srv.parents, ns)
	srv.mu.Unlock()
	return ns
}

// child returns the namespace with the given name, made by the first parent that
// allows it; nil if none does.
func (srv *Server) child(ctx context.Context, name string, auth json.RawMessage) *Namespace {
	srv.mu.RLock()
	parents := srv.parents
	srv.mu.RUnlock()
	for _, p := range parents {
		if p.parent.allow(ctx, name, auth) {
			return srv.adopt(p, name)
		}
	}
	return nil
}

// adopt makes a namespace, a child of p unless that is nil, unless somebody
// else was faster.
func (srv *Server) adopt(p *Namespace, name string) *Namespace {
	srv.mu.Lock()
	ns := srv.namespaces[name]
	fresh := ns == nil
	if fresh {
		ns = newNamespace(srv, name)
		srv.namespaces[name] = ns
		if p != nil {
			ns.inherited = p
			ns.table.Store(p.table.Load())
			p.parent.children[name] = ns
		}
	}
	created := srv.created
	srv.mu.Unlock()
	if fresh {
		for _, f := range created {
			f(ns)
		}
	}
	return ns
}

// Children returns the present children of a parent namespace, nil for any other.
func (ns *Namespace) Children() []*Namespace {
	if ns.parent == nil {
		return nil
	}
	ns.srv.mu.RLock()
	defer ns.srv.mu.RUnlock()
	list := make([]*Namespace, 0, len(ns.parent.children))
	for _, child := range ns.parent.children {
		list = append(list, child)
	}
	return list
}

// OnNamespace adds a function that runs when a namespace was made, by Of or
// for a client, before the first client enters it.
func (srv *Server) OnNamespace(f func(*Namespace)) {
	srv.mu.Lock()
	srv.created = with(srv.created, f)
	srv.mu.Unlock()
}

// occupy returns the namespace with the given name, nil if there is none, and
// counts a socket of a child before the child could be cleaned up.
func (srv *Server) occupy(name string) *Namespace {
	srv.mu.RLock()
	defer srv.mu.RUnlock()
	ns := srv.namespaces[name]
	if ns != nil && ns.inherited != nil {
		ns.users.Add(1)
	}
	return ns
}

// abandon takes back what occupy counted, and removes a child that its last
// socket has left, if the configuration says so.
func (ns *Namespace) abandon() {
	srv, p := ns.srv, ns.inherited
	if p == nil || ns.users.Add(-1) > 0 || !srv.cfg.CleanupEmptyChildren {
		return
	}
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if ns.users.Load() == 0 && srv.namespaces[ns.name] == ns {
		delete(srv.namespaces, ns.name)
		delete(p.parent.children, ns.name)
	}
}
