package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/packet"
)

// P5 P9 P11: what a server must not send ends the connection, not the
// program, and the client comes back.
func TestBadPackets(t *testing.T) {
	deep := strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)
	for _, messages := range [][]string{
		{""}, {"x"}, {"9"}, {"42"}, {"2"}, {"2{}"}, {`2"x"`}, {"2[]"}, {"2[null]"}, {"2[{}]"}, {`2["a"`}, {`2["a"]]`},
		{`2["connect"]`}, {`2["disconnect",1]`}, {`2["newListener"]`}, {`2["connect_error"]`}, // B-70
		{"3{}"}, {"31"}, {`3999999999999999999999[]`},
		{`5["a"]`}, {`50-["a"]`}, {`511-["a"]`}, {`5999999999-["a"]`}, {`5-1-["a"]`}, {`51e0-["a"]`}, // B-63
		{`51-["a",{"_placeholder":true,"num":1}]`}, {`51-["a",{"_placeholder":true,"num":-1}]`}, // B-64
		{`51-["a",{"_placeholder":true,"num":"0"}]`}, {`51-["a",{"_placeholder":true,"num":0.5}]`},
		{`51-["a",{"_placeholder":true,"num":0}]`, `2["text in between"]`}, // B-67
		{"bstray"},
		{"2" + deep}, {"3" + deep}, {"0" + deep},
		{"0[]"}, {`0"x"`}, {"0null"}, {"1{}"},
		{"4[]"}, {"47"},
		{"2/" + strings.Repeat("n", 1000) + `,["a"]`},
	} {
		name := messages[0]
		t.Run(name[:min(len(name), 30)], func(t *testing.T) {
			play(t, Config{}, func(t *testing.T, p *script) {
				s := p.m.Socket("/")
				var why DisconnectReason
				var cause, told error
				s.OnDisconnect(func(r DisconnectReason, err error) { why, cause = r, err })
				p.m.OnError(func(err error) { told = err })
				l := p.join(s)
				l.say(messages...)
				if !l.closed() || why != ParseError || cause == nil || told == nil {
					t.Fatalf("closed: %v, reason %q (%v), told %v", l.closed(), why, cause, told)
				}
				l.say(`2["too late"]`, "bstray")
				after(2 * time.Second)
				p.line().say(`0{"sid":"again"}`)
				synctest.Wait()
				if s.ID() != "again" {
					t.Error("the client does not come back")
				}
			})
		})
	}
}

// B-73 P7 P15: what makes no sense but does no harm is ignored.
func TestIgnoredPackets(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		p.watch(s)
		s.Start()
		l := p.line()
		l.say("1", "30[]", `4/other,{"message":"x"}`, `0/other,{"sid":"y"}`, `2/other,["a"]`, "1/other,", "3/other,7[]")
		l.say(`51-/other,["a",{"_placeholder":true,"num":0}]`, "bbytes")
		l.say(`0{"sid":"x"}`, `30[1]`, `30[1]`, "3[]", `4{"message":"late"}`, `218446744073709551615["big id"]`)
		p.expect("connect x", "event big id")
		if l.closed() || !s.Connected() {
			t.Error("the connection is closed")
		}
		l.take()
	})
}

// A CONNECT that has no id, as an older server would send it.
func TestOldServer(t *testing.T) {
	for _, hello := range []string{"0", "0{}", `0{"sid":""}`, `0{"sid":7}`} {
		play(t, Config{}, func(t *testing.T, p *script) {
			s := p.m.Socket("/")
			s.Start()
			p.line().say(hello)
			synctest.Wait()
			if err := s.last; s.Active() || !errors.Is(err, engine.ErrOldServer) {
				t.Errorf("%s: %v", hello, err)
			}
		})
	}
}

// P9 B-68: nothing that a server sends makes the client grow without bound.
func TestFloods(t *testing.T) {
	chunk := strings.Repeat("x", 1000)
	for name, flood := range map[string]func(l *line){
		"attachments": func(l *line) {
			l.say(`510-["a"` + strings.Repeat(`,{"_placeholder":true,"num":9}`, 1) + "]")
			for range 9 {
				l.say("b" + strings.Repeat(chunk, 10))
			}
		},
		"events before the CONNECT": func(l *line) {
			for range 1000 {
				l.say(`2["early","` + chunk + `"]`)
			}
		},
		"small events before the CONNECT": func(l *line) {
			for range 10_000 {
				l.say(`2["e"]`)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, Config{MaxPacket: 50_000, MaxQueuedBytes: 50_000}, func(t *testing.T, p *script) {
				s := p.m.Socket("/")
				s.Start()
				l := p.line()
				flood(l)
				if !l.closed() || s.earlyLen > 60_000 || len(s.early) > 1000 {
					t.Errorf("closed: %v, %d events kept", l.closed(), len(s.early))
				}
			})
		})
	}
}

// Heartbeats, answers and pings in any number leave nothing behind.
func TestFloodsThatPass(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		hold := make(chan struct{})
		pings := 0
		p.m.OnPing(func() { pings++; <-hold })
		s := p.m.Socket("/")
		l := p.join(s)
		for i := range 50_000 {
			p.m.pinged()
			l.c.message(false, fmt.Appendf(nil, "3%d[]", i))
			l.c.message(false, fmt.Appendf(nil, `2/n%d,["x"]`, i))
			l.c.paused()
		}
		close(hold)
		synctest.Wait()
		if pings > 3 || p.m.sockets.len() != 1 || len(s.acks) != 0 {
			t.Errorf("%d pings told, %d sockets", pings, p.m.sockets.len())
		}
	})
}

// A server that asks faster than it reads gets no more answers than fit.
func TestAnswersAreBounded(t *testing.T) {
	play(t, Config{MaxQueuedBytes: 1000}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		var last error
		s.Handle("ask", func(_ context.Context, e *Event) ([]any, error) {
			last = e.Ack("an answer")
			return nil, nil
		})
		l := p.join(s)
		l.fill(995)
		l.say(`21["ask"]`)
		synctest.Wait()
		if !errors.Is(last, ErrBufferFull) {
			t.Errorf("Ack: %v", last)
		}
	})
}

// While handlers are behind by more than the bound, the server is not read from.
func TestSlowHandlers(t *testing.T) {
	play(t, Config{MaxQueuedBytes: 10_000}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		hold := make(chan struct{})
		handled := 0
		s.Handle("e", func(context.Context, *Event) ([]any, error) { <-hold; handled++; return nil, nil })
		l := p.join(s)
		said := 0
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			for ; said < 100; said++ {
				l.say(`2["e","` + strings.Repeat("x", 1000) + `"]`)
			}
		}()
		synctest.Wait()
		if said > 15 {
			t.Errorf("%d events are read", said)
		}
		close(hold)
		<-stopped
		synctest.Wait()
		if handled != 100 {
			t.Errorf("%d events are handled", handled)
		}
		// And a Close does not wait for a server that goes on.
		hold = make(chan struct{})
		stopped = make(chan struct{})
		go func() {
			defer close(stopped)
			for range 100 {
				l.say(`2["e","` + strings.Repeat("x", 1000) + `"]`)
			}
		}()
		synctest.Wait()
		s.Disconnect()
		<-stopped
		close(hold)
	})
}

// The default parser in the shape of any, so that a test needs no other.
type upside struct{ packet.Standard }

func (u *upside) Encode(dst []byte, p *packet.Packet) ([]byte, [][]byte, error) {
	text, binary, err := u.Standard.Encode(nil, p)
	if err != nil {
		return nil, nil, err
	}
	return nil, append([][]byte{append([]byte("!"), text...)}, binary...), nil
}

func (u *upside) NewDecoder(lim packet.Limits) packet.Decoder {
	return &upsideDecoder{u.Standard.NewDecoder(lim)}
}

type upsideDecoder struct{ packet.Decoder }

func (d *upsideDecoder) Add(data []byte, binary bool) (*packet.Packet, error) {
	switch {
	case !binary:
		return nil, errors.New("a text")
	case bytes.HasPrefix(data, []byte("!panic")):
		panic("the decoder is broken")
	case bytes.HasPrefix(data, []byte("!")):
		return d.Decoder.Add(data[1:], false)
	}
	return d.Decoder.Add(data, true)
}

// CLI-34: another parser carries everything.
func TestParser(t *testing.T) {
	play(t, Config{Parser: &upside{}, RandomizationFactor: -1}, func(t *testing.T, p *script) {
		s := p.m.Socket("/n", Auth(map[string]int{"a": 1}), Retries(1), AckTimeout(time.Second))
		p.watch(s)
		s.Start()
		l := p.line()
		l.expect(t, `b!0/n,{"a":1}`)
		l.say(`b!0/n,{"sid":"x","pid":"p"}`)
		s.Handle("echo", func(_ context.Context, e *Event) ([]any, error) {
			var n int
			var b []byte
			if err := e.Decode(&n, &b); err != nil || e.Len() != 2 || e.Arg(1, &b) != nil {
				t.Error(err)
			}
			return e.Args(), nil
		})
		l.say(`b!51-/n,7["echo",1,{"_placeholder":true,"num":0}]`, "bbytes", `b!2/n,["x","offset"]`)
		l.expect(t, `b!61-/n,7[1,{"_placeholder":true,"num":0}]`, "bbytes")
		answer := make(chan error, 1)
		go func() {
			n, err := EmitWithAck[int](t.Context(), s, "q", []byte("twice"))
			if n != 5 {
				t.Errorf("answered %d", n)
			}
			answer <- err
		}()
		l.expect(t, `b!51-/n,0["q",{"_placeholder":true,"num":0}]`, "btwice")
		after(time.Second + 1)
		l.expect(t, `b!51-/n,1["q",{"_placeholder":true,"num":0}]`, "btwice")
		l.say(`b!3/n,1[5]`)
		if err := <-answer; err != nil {
			t.Error(err)
		}
		if err := s.Emit("connect"); !errors.Is(err, ErrReservedEvent) {
			t.Errorf("a reserved name: %v", err)
		}
		l.say("b!panic")
		p.expect("connect x", "event echo", "event x", "disconnect parse error")
		after(5 * time.Second)
		l = p.line()
		l.expect(t, `b!0/n,{"a":1,"offset":"offset","pid":"p"}`)
		l.say(`b!4/n,{"message":"no","data":{"b":2}}`)
		p.expect("connect_error client: the server refuses /n: no")
		s.Start()
		l = p.line()
		l.say("0")
		if !l.closed() {
			t.Error("a text is taken by a parser that has none")
		}
	})
}

// The waits of many goroutines all end, whatever the server does. C16
func TestAcksUnderFire(t *testing.T) {
	play(t, Config{}, func(t *testing.T, p *script) {
		s := p.m.Socket("/")
		l := p.join(s)
		done := make(chan error, 200)
		for i := range 200 {
			go func() { _, err := s.EmitWithAck(t.Context(), "x", i); done <- err }()
			if i%10 == 0 {
				runtime.Gosched()
			}
		}
		synctest.Wait()
		for i := range 100 {
			l.say(fmt.Sprintf("3%d[]", i*2))
		}
		l.end(TransportError, errors.New("cut"))
		failed := 0
		for range 200 {
			if err := <-done; errors.Is(err, ErrDisconnected) && errors.Is(err, TransportError) {
				failed++
			} else if err != nil {
				t.Error(err)
			}
		}
		if failed != 100 {
			t.Errorf("%d waits ended by the loss of the connection", failed)
		}
	})
}
