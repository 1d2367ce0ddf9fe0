package socketio_test

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/siotest"
)

// CheatSheet emits from s, and to a room's other members, of whom bob is the id of one.
func CheatSheet(ctx context.Context, ns *socketio.Namespace, s *socketio.Socket, bob string) error {
	// To one client.
	s.Emit("event")                                      // no argument
	s.Emit("event", "text", 1, true, nil)                // several
	s.Emit("event", map[string]any{"a": []byte{1, 2}})   // bytes travel as bytes
	s.Emit("event", json.RawMessage(`{"ready":"made"}`)) // JSON that is there already
	s.Send("text")                                       // the event "message"
	ns.To(bob).Emit("event", "for bob")                  // by id: each socket is in a room of that name
	s.Volatile().Emit("position", 3, 4)                  // dropped if it cannot leave at once
	s.Compress(false).Emit("event")                      // left as it is where others are compressed
	if other := ns.Socket(bob); other != nil {           // nil: gone
		other.Emit("event", "bob again")
	}

	// To everyone in the namespace.
	ns.Emit("event", "text")
	ns.Broadcast().Volatile().Emit("position", 3, 4)
	ns.Broadcast().Local().Emit("event") // on this server; alone that is everyone

	// To everyone but this client.
	s.Broadcast().Emit("event")
	s.Broadcast().Volatile().Emit("position", 3, 4)

	// To rooms. Whoever is in several of them receives once.
	ns.To("lobby").Emit("event")
	ns.To("red", "blue").Emit("event")
	ns.To("red").To("blue").Emit("event") // the same
	ns.To("lobby").Except("muted").Emit("event")
	ns.Except("muted").Emit("event") // everyone else
	s.To("lobby").Emit("event")      // but not to s itself
	s.Except("muted").Emit("event")
	ns.To("lobby").Except(s.ID()).Emit("event") // the same as s.To("lobby")

	// A Broadcast is a value: keep it, share it, refine it.
	players := ns.To("red", "blue")
	players.Emit("event")
	players.Except("muted").Emit("event")

	// An answer from one client.
	name, err := socketio.EmitWithAck[string](ctx, s, "who are you")
	if err != nil {
		return err
	}
	two, err := socketio.EmitWithAck[socketio.Args2[string, int]](ctx, s, "name and age")
	if err != nil {
		return err
	}
	log.Println(name, two.A, two.B)

	// With a time limit of its own. Without one it is Config.AckTimeout, 20 s.
	short, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	reply, err := s.EmitWithAck(short, "event") // undecoded
	if err == nil {
		log.Println(reply.Len(), "values")
	}

	// Answers from many, as they come.
	for reply, err := range ns.To("lobby").EmitWithAck(short, "ready?") {
		var ready bool
		if err == nil {
			err = reply.Decode(&ready)
		}
		log.Println(reply.SocketID, ready, err)
	}

	// Rooms of one socket.
	s.Join("lobby", "red")
	s.Leave("red")
	log.Println(s.Rooms(), s.In("lobby"))

	// Everything that can be done to many.
	players.Join(ctx, "game")
	players.Leave(ctx, "lobby")
	for member, err := range players.Sockets(ctx) {
		if err != nil {
			return err
		}
		log.Println(member.ID, member.Rooms, member.Data)
	}
	log.Println(ns.Len(), ns.Rooms())

	// To the other servers of a cluster, not to clients. Alone there are none.
	ns.ServerSideEmit("reload", 1)

	// Goodbye.
	players.Disconnect(ctx, false) // each leaves this namespace
	return s.Disconnect(true)      // closes the connection, all namespaces with it
}

// The page about emitting shows CheatSheet as it stands above, and each of its
// lines does what it says: alice and bob get the events in this order.
func TestCheatSheet(t *testing.T) {
	page, err := os.ReadFile("docs/emitting.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("cheatsheet_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, function, _ := strings.Cut(string(source), "// CheatSheet emits")
	function, _, _ = strings.Cut(function, "\n}\n")
	if !strings.Contains(string(page), function) {
		t.Error("docs/emitting.md shows another function")
	}

	srv, ts := start(t, socketio.Config{}, nil)
	ns := srv.Of("/")
	var mu sync.Mutex
	got := map[string][]string{}
	ids := map[string]string{}
	for name, rooms := range map[string][]string{"alice": {"lobby"}, "bob": {"lobby", "blue"}, "carol": {"muted"}} {
		c := ts.Dial(t, "/", nil)
		ids[name] = c.ID()
		if err := ns.Socket(c.ID()).Join(rooms...); err != nil {
			t.Fatal(err)
		}
		for event, answer := range map[string][]any{
			"event": {}, "message": {}, "who are you": {"Ada"}, "name and age": {"Ada", 36}, "ready?": {true},
			"position": {}, // not looked at: it may have been dropped
		} {
			c.Answer(event, func(e *siotest.Event) []any {
				mu.Lock()
				defer mu.Unlock()
				if event != "position" {
					got[name] = append(got[name], e.String())
				}
				return answer
			})
		}
	}
	log.SetOutput(t.Output())
	defer log.SetOutput(os.Stderr)
	if err := CheatSheet(t.Context(), ns, ns.Socket(ids["alice"]), ids["bob"]); err != nil {
		t.Fatal(err)
	}
	const event, text = `["event"]`, `["event","text"]`
	want := map[string][]string{
		"alice": {
			event, `["event","text",1,true,null]`, `["event",{"a":{"_placeholder":true,"num":0}}] 0102`,
			`["event",{"ready":"made"}]`, `["message","text"]`, event, text, event,
			event, event, event, // the rooms that she is in
			`["who are you"]`, `["name and age"]`, event, `["ready?"]`,
		},
		"bob": {
			`["event","for bob"]`, `["event","bob again"]`, text, event, event,
			event, event, event, event, event, event, event, event, event, event, // all the rooms
			`["ready?"]`,
		},
		"carol": {text, event, event},
	}
	for name, list := range want {
		until(t, func() bool {
			mu.Lock()
			defer mu.Unlock()
			return len(got[name]) >= len(list)
		})
		mu.Lock()
		if !slices.Equal(got[name], list) {
			t.Errorf("%s got\n%s\nwant\n%s", name, strings.Join(got[name], "\n"), strings.Join(list, "\n"))
		}
		mu.Unlock()
	}
	until(t, func() bool { return ns.Len() == 1 }) // carol was not asked to leave
}
