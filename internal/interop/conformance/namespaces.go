package main

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/go-socketio/socketio"
)

// numbered are the names that the parent namespace by pattern takes.
var numbered = regexp.MustCompile(`^/dynamic-\d+$`)

// addNamespaces makes the namespaces of one mount, all with the same events.
func addNamespaces(srv *socketio.Server, departed *departures) {
	made := newCreations()
	equip := func(ns *socketio.Namespace, middlewares ...middleware) *socketio.Namespace {
		ns.Use(keepRecord)
		for _, m := range middlewares {
			ns.Use(m)
		}
		departed.watch(ns)
		addIdentity(ns)
		addSight(ns)
		addCalls(ns)
		addRooms(ns)
		addBroadcasts(ns)
		addFlow(ns)
		addForbidden(ns)
		addMirror(ns)
		addDepartures(ns, departed)
		addCreations(ns, made)
		return ns
	}
	equip(srv.Of("/"), identify)
	equip(srv.Of("/custom"))
	equip(srv.Of("/chain"), step("a"), step("b"), step("c"))
	equip(srv.Of("/restricted"), requireSecret)
	// Before its pattern is known, or it would become a child.
	equip(srv.Of("/dynamic-101")).OnConnect(markStatic)

	srv.OnNamespace(made.count) // from here on, all are made by clients
	addParentEmit(equip(srv.OfPattern(numbered), refuseByParent))
	equip(srv.OfFunc(ownTenant))
}

func markStatic(_ context.Context, s *socketio.Socket) error {
	recordOf(s).set("static", true)
	return nil
}

// ownTenant admits each tenant to the namespace of its name.
func ownTenant(_ context.Context, name string, auth json.RawMessage) bool {
	tenant, ok := strings.CutPrefix(name, "/tenant-")
	own, said := fieldsOf(auth).text("tenant")
	return ok && said && own == tenant
}

// addParentEmit registers the event that only the children of a pattern have.
func addParentEmit(parent *socketio.Namespace) {
	call(parent, "parent-emit", 2, func(_ context.Context, _ *socketio.Socket, e *socketio.Event) []any {
		event, args, ok := emission(e, 0)
		if !ok || parent.Emit(event, args...) != nil {
			return nil
		}
		return done()
	})
}
