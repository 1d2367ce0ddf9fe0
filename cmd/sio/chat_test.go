package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"
)

func TestTwoPeopleTalk(t *testing.T) {
	base := startChat(t)
	ada, _ := enter(t, base, "Ada")
	bob, me := enter(t, base, "Bob")

	var n notice
	for n.Who != me.You { // her own line comes first
		ada.event("system", &n)
	}
	if n.Kind != "join" || n.Room != lobby {
		t.Errorf("Ada was told %+v", n)
	}
	var who attendance
	for len(who.People) != 2 {
		ada.event("who", &who)
	}

	var r Receipt
	ada.ask("message", map[string]string{"room": lobby, "text": " <b>hello</b> "}).decode(&r)
	var m Message
	bob.event("message", &m)
	if m.Text != "<b>hello</b>" || m.From.Name != "Ada" || m.ID != r.ID || m.At != r.At {
		t.Errorf("Bob read %+v, the receipt is %+v", m, r)
	}

	var sign struct {
		Room string
		From Person
		On   bool
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		ada.event("typing", &sign)
	}()
	for waiting := true; waiting; {
		// Volatile: one that comes while Ada has no request open is dropped.
		bob.emit("typing", map[string]any{"room": lobby, "on": true})
		select {
		case <-read:
			waiting = false
		default:
		}
	}
	if sign.Room != lobby || sign.From != me.You || !sign.On {
		t.Errorf("the sign of typing is %+v", sign)
	}

	late, _ := arrive(t, base, map[string]string{"name": "Late", "token": token("Late")})
	var e entry
	late.ask("join", lobby).decode(&e)
	if len(e.History) != 1 || e.History[0].ID != r.ID || len(e.People) != 3 {
		t.Errorf("who comes late is told %+v", e)
	}
}

func TestWhoIsLetIn(t *testing.T) {
	base := startChat(t)
	enter(t, base, "Ada")
	for _, c := range []struct {
		auth any
		want string
	}{
		{nil, "auth payload"},
		{map[string]any{"name": "Bob"}, "token"},
		{map[string]any{"name": 5, "token": token("x")}, "auth payload"},
		{map[string]string{"name": "", "token": token("x")}, "1 to 24"},
		{map[string]string{"name": strings.Repeat("n", 25), "token": token("x")}, "1 to 24"},
		{map[string]string{"name": strings.Repeat("n", 100_000), "token": token("x")}, "1 to 24"},
		{map[string]string{"name": "a\u202eb", "token": token("x")}, "does not show"},
		{map[string]string{"name": "Bob", "token": "short"}, "token"},
		{map[string]string{"name": "Bob", "token": strings.Repeat("/", 20)}, "token"},
		{map[string]string{"name": " ADA ", "token": token("other")}, "taken"},
		{map[string]string{"name": "Eve", "token": token("Ada")}, "already, as Ada"},
	} {
		_, h := arrive(t, base, c.auth)
		if h.kind != "4" || !strings.Contains(string(h.args[0]), c.want) {
			t.Errorf("auth %.80v: answered %s %s, want a refusal with %q", c.auth, h.kind, h.args, c.want)
		}
	}
	// A second window of the same person is welcome, up to a number.
	for i := 1; i < maxSockets; i++ {
		enter(t, base, "Ada")
	}
	if _, h := arrive(t, base, map[string]string{"name": "Ada", "token": token("Ada")}); h.kind != "4" {
		t.Errorf("connection %d of one person was let in", maxSockets+1)
	}
}

func TestPrivateMessages(t *testing.T) {
	base := startChat(t)
	ada, her := enter(t, base, "Ada")
	bob, him := enter(t, base, "Bob")
	eve, _ := enter(t, base, "Eve")

	done := make(chan answer)
	write := func(text string) {
		go func() { done <- ada.ask("private", map[string]string{"to": him.You.ID, "text": text}) }()
	}
	write("psst")
	var m Message
	h := bob.event("private", &m)
	if m.Text != "psst" || m.From != her.You || h.id == "" {
		t.Errorf("Bob read %+v, ack id %q", m, h.id)
	}
	bob.acknowledge(h, map[string]bool{"received": true})
	var r Receipt
	if (<-done).decode(&r); !r.Delivered || r.ID != m.ID {
		t.Errorf("the receipt is %+v", r)
	}

	for to, want := range map[string]string{
		her.You.ID:         "yourself",
		"0123456789abcdef": "not here",
		"":                 "not here",
		lobby:              "not here",
	} {
		if got := ada.ask("private", map[string]string{"to": to, "text": "x"}).failure(); !strings.Contains(got, want) {
			t.Errorf("to %q: %q, want %q", to, got, want)
		}
	}

	// Nobody gets at them by entering a room of that name.
	eve.ask("join", "person:"+him.You.ID[:8]).decode(new(entry))
	write("still only you")
	h = bob.event("private", &m)
	bob.post("41") // leaves instead of answering
	if got := (<-done).failure(); !strings.Contains(got, "Not delivered") {
		t.Errorf("to one who has left: %q", got)
	}
	eve.ask("leave", lobby).decode(new(roomRef))
	for _, h := range eve.heard {
		if h.event() == "private" {
			t.Error("Eve heard a private message")
		}
	}
}

func drawing(t *testing.T, side int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestImages(t *testing.T) {
	base := startChat(t)
	ada, _ := enter(t, base, "Ada")
	bob, _ := enter(t, base, "Bob")
	here := map[string]string{"room": lobby, "name": "dot\x00.png"}

	data := drawing(t, 10)
	var r Receipt
	ada.ask("image", here, data).decode(&r)
	var m Message
	h := bob.event("image", &m)
	if m.Type != "image/png" || m.Name != "dot.png" || m.ID != r.ID || len(h.files) != 1 || !bytes.Equal(h.files[0], data) {
		t.Errorf("Bob was sent %+v with %d files", m, len(h.files))
	}

	for _, c := range []struct {
		room string
		data any
		want string
	}{
		{lobby, []byte{}, "no PNG"},
		{lobby, []byte("<svg onload='alert(1)'/>"), "no PNG"},
		{lobby, data[:20], "damaged"},
		{lobby, append([]byte("GIF89a"), make([]byte, maxImage)...), "limit"},
		{"elsewhere", data, "not in the room"},
		{lobby, 5, "bad arguments"},
	} {
		if got := bob.ask("image", map[string]string{"room": c.room}, c.data).failure(); !strings.Contains(got, c.want) {
			t.Errorf("in %s: %q, want %q", c.room, got, c.want)
		}
		bob.forgive(t)
	}
}

// forgive lets the pace recover without waiting: another person has a pace of its own.
func (p *peer) forgive(t *testing.T) {
	t.Helper()
	p.post("1")
	p.calls++
	name := fmt.Sprintf("Bob%d", p.calls)
	fresh, _ := enter(t, strings.Split(p.url, "/socket.io/")[0], name)
	p.url, p.heard = fresh.url, fresh.heard
}

func TestComingBack(t *testing.T) {
	base := startChat(t)
	ada, _ := enter(t, base, "Ada")
	bob, him := enter(t, base, "Bob")
	bob.ask("join", "tea").decode(new(entry))

	bob.post("1") // the transport closes, without a word of the client
	line := func(kind string) notice {
		var n notice
		for n.Kind != kind || n.Who != him.You {
			ada.event("system", &n)
		}
		return n
	}
	line("lost")
	again, h := arrive(t, base, map[string]string{"name": "Bob", "token": token("Bob")})
	if h.kind != "0" {
		t.Fatalf("Bob was not let in again: %s", h.args)
	}
	line("reconnect")
	again.ask("message", map[string]string{"room": "tea", "text": "still here"}).decode(new(Receipt))

	again.post("41") // leaves on purpose
	line("leave")
	third, _ := arrive(t, base, map[string]string{"name": "Bob", "token": token("Bob")})
	if got := third.ask("message", map[string]string{"room": lobby, "text": "x"}).failure(); !strings.Contains(got, "not in the room") {
		t.Errorf("who left and came again is in the lobby: %q", got)
	}
}

func TestRoomsComeAndGo(t *testing.T) {
	base := startChat(t)
	ada, _ := enter(t, base, "Ada")
	var e entry
	ada.ask("join", "  tea   time ").decode(&e)
	if e.Room != "tea time" {
		t.Errorf("the room is called %q", e.Room)
	}
	names := func(p *peer, want ...string) {
		t.Helper()
		for {
			var list roomList
			p.event("rooms", &list)
			var got []string
			for _, r := range list.Rooms {
				got = append(got, r.Name)
			}
			if fmt.Sprint(got) == fmt.Sprint(want) {
				return
			}
		}
	}
	names(ada, lobby, "tea time")
	ada.ask("leave", "tea time").decode(new(roomRef))
	ada.ask("leave", lobby).decode(new(roomRef))
	names(ada, lobby) // stays, although nobody is in it

	for i := range maxRoomsEach {
		ada.ask("join", fmt.Sprint("room", i)).decode(&e)
	}
	if got := ada.ask("join", "one more").failure(); !strings.Contains(got, "leave one first") {
		t.Errorf("room %d: %q", maxRoomsEach+1, got)
	}
	if got := ada.ask("leave", "nowhere").failure(); !strings.Contains(got, "not in the room") {
		t.Errorf("leaving what one is not in: %q", got)
	}
}

func TestFloodingIsRefused(t *testing.T) {
	base := startChat(t)
	ada, _ := enter(t, base, "Ada")
	refused := ""
	for range 10 * paceBurst {
		if refused = ada.ask("message", map[string]string{"room": lobby, "text": "x"}).failure(); refused != "" {
			break
		}
	}
	if !strings.Contains(refused, "at once") {
		t.Errorf("%d messages in a row went through (%q)", 10*paceBurst, refused)
	}
}

func TestBadEventsHarmNobody(t *testing.T) {
	base := startChat(t)
	ada, _ := enter(t, base, "Ada")
	long := strings.Repeat("x", maxText+1)
	for _, args := range [][]any{
		{"join"}, {"join", nil}, {"join", 7}, {"join", ""}, {"join", []string{lobby}}, {"join", strings.Repeat("r", 10_000)}, {"join", "a\x00b"},
		{"leave"}, {"leave", map[string]int{}},
		{"message"}, {"message", "text"}, {"message", map[string]any{"room": lobby, "text": 1}},
		{"message", map[string]any{"room": lobby, "text": " \x00\n "}}, {"message", map[string]any{"room": lobby, "text": long}},
		{"message", map[string]any{"room": "elsewhere", "text": "x"}}, {"message", map[string]any{"room": "person:x", "text": "x"}},
		{"image"}, {"image", map[string]any{"room": lobby}},
		{"private"}, {"private", 1}, {"private", map[string]any{"to": []int{1}}},
	} {
		if got := ada.ask(args[0].(string), args[1:]...).failure(); got == "" || strings.Contains(got, "internal") {
			t.Errorf("%.60v was answered %q", args, got)
		}
	}
	ada.emit("typing")
	ada.emit("typing", 5)
	ada.emit("unknown", strings.Repeat("x", 1000))
	ada.ask("join", lobby).decode(new(entry)) // all is well
}

func TestHistoryIsBounded(t *testing.T) {
	c := NewChat(newTestNamespace(), quiet())
	for i := range 3 * maxHistory {
		c.remember(Message{ID: fmt.Sprint(i), Room: lobby})
		c.remember(Message{Room: "nobody made this room"})
	}
	kept := c.rooms[lobby].history
	if len(kept) != maxHistory || kept[maxHistory-1].ID != fmt.Sprint(3*maxHistory-1) || len(c.rooms) != 1 {
		t.Errorf("%d lines of %d rooms are kept", len(kept), len(c.rooms))
	}
}

func TestLists(t *testing.T) {
	// An empty list is [] on the wire: the page walks it without asking.
	c := NewChat(newTestNamespace(), quiet())
	text, err := json.Marshal(entry{attendance: c.attendanceLocked("nowhere"), History: []Message{}})
	if err != nil || strings.Contains(string(text), "null") {
		t.Errorf("%s, %v", text, err)
	}
}
